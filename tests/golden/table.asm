function 0:
   0: push rbp
   1: mov rbp,rsp
   4: mov rsi,[r15+40h]
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
   4: mov r8,[r15+40h]
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
   4: mov r11,[r15+20h]
   8: cmp rsp,[r11+0E0h]
   f: jb 67h
  15: cmp qword ptr [r11],0
  19: je 6Ch
  1f: mov rdx,[r15+40h]
  23: mov rsi,[rdx]
  26: cmp rdi,[rsi+28h]
  2a: jae 76h
  30: mov r8,[rsi+20h]
  34: mov r10,[r8+rdi*8]
  38: test r10,r10
  3b: je 7Bh
  41: mov eax,[r10+30h]
  45: cmp eax,0
  48: jne 80h
  4e: mov edi,1
  53: cmp r15,[r10+28h]
  57: jne 85h
  5d: mov r11,[r10+20h]
  61: call qword ptr [r11+40h]
  65: pop rbp
  66: ret
  67: call 6Ch
  6c: call 71h
  71: jmp 1Fh
  76: call 7Bh
  7b: call 80h
  80: call 85h
  85: call 8Ah
  8a: jmp 65h

function 3:
   0: push rbp
   1: mov rbp,rsp
   4: mov r11,[r15+20h]
   8: cmp rsp,[r11+0E0h]
   f: jb 0A4h
  15: cmp qword ptr [r11],0
  19: je 0A9h
  1f: sub rsp,8
  23: mov [rbp-8],r12
  27: mov rax,[r15+40h]
  2b: mov r11,[rax]
  2e: mov rax,[r11+28h]
  32: cmp rdi,rax
  35: jae 0B3h
  3b: mov rax,[r11+20h]
  3f: mov r12,[rax+rdi*8]
  43: test r12,r12
  46: je 0B8h
  4c: mov esi,[r12+30h]
  51: cmp esi,1
  54: sete al
  57: movzx eax,al
  5a: test eax,eax
  5c: jne 79h
  62: mov rdi,r15
  65: mov edx,1
  6a: mov rax,<address>
  74: call 79h
  79: test eax,eax
  7b: je 0BDh
  81: mov edi,1
  86: mov r10,r12
  89: cmp r15,[r10+28h]
  8d: jne 0C2h
  93: mov r11,[r10+20h]
  97: call qword ptr [r11+40h]
  9b: mov r12,[rbp-8]
  9f: mov rsp,rbp
  a2: pop rbp
  a3: ret
  a4: call 0A9h
  a9: call 0AEh
  ae: jmp 1Fh
  b3: call 0B8h
  b8: call 0BDh
  bd: call 0C2h
  c2: call 0C7h
  c7: jmp 9Bh

function 4:
   0: push rbp
   1: mov rbp,rsp
   4: mov r11,[r15+20h]
   8: cmp rsp,[r11+0E0h]
   f: jb 49h
  15: cmp qword ptr [r11],0
  19: je 4Eh
  1f: mov rsi,[r15+50h]
  23: mov rax,[rsi+20h]
  27: test rax,rax
  2a: jne 47h
  30: mov rdi,r15
  33: mov esi,4
  38: mov rax,<address>
  42: call 47h
  47: pop rbp
  48: ret
  49: call 4Eh
  4e: call 53h
  53: jmp 1Fh

