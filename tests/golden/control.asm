function 0:
   0: push rbp
   1: mov rbp,rsp
   4: cmp rsp,[r15+28h]
   8: jb 17h
   e: add edi,0FFFFFFFFh
  11: pop rbp
  12: jmp 17h
  17: call 1Ch
  1c: cmp rsp,[r15+28h]
  20: jae short 0Eh
  22: call 27h

function 1:
   0: push rbp
   1: mov rbp,rsp
   4: cmp rsp,[r15+28h]
   8: jb 59h
   e: sub rsp,8
  12: mov [rbp-8],r12
  16: mov r12,rdi
  19: call 1Eh
  1e: jmp 4Dh
  23: mov rsi,[r15+20h]
  27: mov rsi,[rsi+138h]
  2e: mov r8,[r15+20h]
  32: mov r8d,[r8+140h]
  39: mov r8,[r15+20h]
  3d: mov rdi,[r8+90h]
  44: mov eax,[rdi+rsi+10h]
  48: jmp 50h
  4d: add eax,r12d
  50: mov r12,[rbp-8]
  54: mov rsp,rbp
  57: pop rbp
  58: ret
  59: call 5Eh
  5e: cmp rsp,[r15+28h]
  62: jae short 0Eh
  64: call 69h

function 2:
   0: push rbp
   1: mov rbp,rsp
   4: cmp rsp,[r15+28h]
   8: jb 3Ah
   e: sub rsp,8
  12: mov [rsp],edi
  15: lea rsi,[rsp]
  19: mov rdi,r15
  1c: xor edx,edx
  1e: mov rax,<address>
  28: call 2Dh
  2d: test edx,edx
  2f: jne 4Ah
  35: call 3Ah
  3a: call 3Fh
  3f: cmp rsp,[r15+28h]
  43: jae short 0Eh
  45: call 4Ah
  4a: mov r11,[r15+20h]
  4e: mov [r11+150h],rdx
  55: call 5Ah

