function 0:
   0: push rbp
   1: mov rbp,rsp
   4: mov r11,[r15+20h]
   8: cmp rsp,[r11+0E0h]
   f: jb 28h
  15: cmp qword ptr [r11],0
  19: je 2Dh
  1f: add edi,0FFFFFFFFh
  22: pop rbp
  23: jmp 28h
  28: call 2Dh
  2d: call 32h
  32: jmp 1Fh

function 1:
   0: push rbp
   1: mov rbp,rsp
   4: mov r11,[r15+20h]
   8: cmp rsp,[r11+0E0h]
   f: jb 6Bh
  15: cmp qword ptr [r11],0
  19: je 70h
  1f: sub rsp,8
  23: mov [rbp-8],r12
  27: mov r12,rdi
  2a: call 2Fh
  2f: jmp 5Fh
  34: mov rsi,[r15+20h]
  38: mov rsi,[rsi+138h]
  3f: mov r8,[r15+20h]
  43: mov r8d,[r8+140h]
  4a: mov r9,[r15+20h]
  4e: mov r8,[r9+90h]
  55: mov eax,[r8+rsi+10h]
  5a: jmp 62h
  5f: add eax,r12d
  62: mov r12,[rbp-8]
  66: mov rsp,rbp
  69: pop rbp
  6a: ret
  6b: call 70h
  70: call 75h
  75: jmp 1Fh

function 2:
   0: push rbp
   1: mov rbp,rsp
   4: mov r11,[r15+20h]
   8: cmp rsp,[r11+0E0h]
   f: jb 4Bh
  15: cmp qword ptr [r11],0
  19: je 50h
  1f: sub rsp,8
  23: mov [rsp],edi
  26: lea rsi,[rsp]
  2a: mov rdi,r15
  2d: xor edx,edx
  2f: mov rax,<address>
  39: call 3Eh
  3e: test edx,edx
  40: jne 5Ah
  46: call 4Bh
  4b: call 50h
  50: call 55h
  55: jmp 1Fh
  5a: mov r11,[r15+20h]
  5e: mov [r11+150h],rdx
  65: call 6Ah

