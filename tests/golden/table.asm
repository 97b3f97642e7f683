function 0:
   0: push rbp
   1: mov rbp,rsp
   4: mov rsi,[r15+50h]
   8: mov rsi,[rsi]
   b: mov r8,[rsi+28h]
   f: cmp rdi,r8
  12: jae 22h
  18: mov rsi,[rsi+20h]
  1c: mov rax,[rsi+rdi*8]
  20: pop rbp
  21: ret
  22: call 27h

function 1:
   0: push rbp
   1: mov rbp,rsp
   4: mov r8,[r15+50h]
   8: mov r8,[r8]
   b: mov r9,[r8+28h]
   f: cmp rdi,r9
  12: jae 22h
  18: mov r8,[r8+20h]
  1c: mov [r8+rdi*8],rsi
  20: pop rbp
  21: ret
  22: call 27h

function 2:
   0: push rbp
   1: mov rbp,rsp
   4: cmp rsp,[r15+28h]
   8: jb 56h
   e: mov rdx,[r15+50h]
  12: mov rsi,[rdx]
  15: cmp rdi,[rsi+28h]
  19: jae 66h
  1f: mov r8,[rsi+20h]
  23: mov r10,[r8+rdi*8]
  27: test r10,r10
  2a: je 6Bh
  30: mov eax,[r10+30h]
  34: cmp eax,0
  37: jne 70h
  3d: mov edi,1
  42: cmp r15,[r10+28h]
  46: jne 75h
  4c: mov r11,[r10+20h]
  50: call qword ptr [r11+40h]
  54: pop rbp
  55: ret
  56: call 5Bh
  5b: cmp rsp,[r15+28h]
  5f: jae short 0Eh
  61: call 66h
  66: call 6Bh
  6b: call 70h
  70: call 75h
  75: call 7Ah
  7a: jmp short 54h

function 3:
   0: push rbp
   1: mov rbp,rsp
   4: cmp rsp,[r15+28h]
   8: jb 93h
   e: sub rsp,8
  12: mov [rbp-8],r12
  16: mov r11,[r15+50h]
  1a: mov r10,[r11]
  1d: mov rax,[r10+28h]
  21: cmp rdi,rax
  24: jae 0A7h
  2a: mov r11,[r10+20h]
  2e: mov r12,[r11+rdi*8]
  32: test r12,r12
  35: je 0ACh
  3b: mov esi,[r12+30h]
  40: cmp esi,1
  43: sete al
  46: movzx eax,al
  49: test eax,eax
  4b: jne 68h
  51: mov rdi,r15
  54: mov edx,1
  59: mov rax,<address>
  63: call 68h
  68: test eax,eax
  6a: je 0B1h
  70: mov r10,r12
  73: mov edi,1
  78: cmp r15,[r10+28h]
  7c: jne 0B6h
  82: mov r11,[r10+20h]
  86: call qword ptr [r11+40h]
  8a: mov r12,[rbp-8]
  8e: mov rsp,rbp
  91: pop rbp
  92: ret
  93: call 98h
  98: cmp rsp,[r15+28h]
  9c: jae 0Eh
  a2: call 0A7h
  a7: call 0ACh
  ac: call 0B1h
  b1: call 0B6h
  b6: call 0BBh
  bb: jmp short 8Ah

function 4:
   0: push rbp
   1: mov rbp,rsp
   4: cmp rsp,[r15+28h]
   8: jb 38h
   e: mov rsi,[r15+60h]
  12: mov rax,[rsi+20h]
  16: test rax,rax
  19: jne 36h
  1f: mov rdi,r15
  22: mov esi,4
  27: mov rax,<address>
  31: call 36h
  36: pop rbp
  37: ret
  38: call 3Dh
  3d: cmp rsp,[r15+28h]
  41: jae short 0Eh
  43: call 48h

