function 0:
   0: push rbp
   1: mov rbp,rsp
   4: mov r8,[r15+28h]
   8: mov rsi,[r8+20h]
   c: mov r8,[r15+28h]
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
   4: mov r10,[r15+28h]
   8: mov rsi,[r10+20h]
   c: mov r10,[r15+28h]
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
   4: mov r11,[r15+20h]
   8: cmp rsp,[r11+0E0h]
   f: jb 65h
  15: cmp qword ptr [r11],0
  19: je 6Ah
  1f: test edi,edi
  21: jne 31h
  27: mov eax,7
  2c: jmp 63h
  31: lea eax,[rdi-1]
  34: test eax,eax
  36: jne 46h
  3c: mov eax,7
  41: jmp 63h
  46: lea eax,[rdi-2]
  49: test eax,eax
  4b: jne 5Bh
  51: mov eax,7
  56: jmp 63h
  5b: add edi,0FFFFFFFDh
  5e: call 63h
  63: pop rbp
  64: ret
  65: call 6Ah
  6a: call 6Fh
  6f: jmp 1Fh

