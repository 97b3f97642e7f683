function 0:
   0: push rbp
   1: mov rbp,rsp
   4: mov r8,[r15+30h]
   8: mov rsi,[r8+20h]
   c: mov r8,[r15+30h]
  10: mov r9,[r8+28h]
  14: lea r8,[r9-4]
  18: cmp rdi,r8
  1b: ja 26h
  21: mov eax,[rsi+rdi]
  24: pop rbp
  25: ret
  26: call 2Bh

function 1:
   0: push rbp
   1: mov rbp,rsp
   4: cmp edi,esi
   6: jg 11h
   c: mov rax,rsi
   f: pop rbp
  10: ret
  11: mov rax,rdi
  14: pop rbp
  15: ret

function 2:
   0: push rbp
   1: mov rbp,rsp
   4: mov r10,[r15+30h]
   8: mov rsi,[r10+20h]
   c: mov r10,[r15+30h]
  10: mov rax,[r10+28h]
  14: lea r10,[rax-4]
  18: cmp rdi,r10
  1b: ja 42h
  21: mov r9d,[rsi+rdi]
  25: lea eax,[rdi+4]
  28: cmp rax,r10
  2b: ja 47h
  31: mov eax,[rsi+rax]
  34: cmp r9d,eax
  37: jle 40h
  3d: mov rax,r9
  40: pop rbp
  41: ret
  42: call 47h
  47: call 4Ch

function 3:
   0: push rbp
   1: mov rbp,rsp
   4: cmp rsp,[r15+28h]
   8: jb 54h
   e: test edi,edi
  10: jne 20h
  16: mov eax,7
  1b: jmp 52h
  20: lea eax,[rdi-1]
  23: test eax,eax
  25: jne 35h
  2b: mov eax,7
  30: jmp 52h
  35: lea eax,[rdi-2]
  38: test eax,eax
  3a: jne 4Ah
  40: mov eax,7
  45: jmp 52h
  4a: add edi,0FFFFFFFDh
  4d: call 52h
  52: pop rbp
  53: ret
  54: call 59h
  59: cmp rsp,[r15+28h]
  5d: jae short 0Eh
  5f: call 64h

