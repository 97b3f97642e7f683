function 0:
   0: push rbp
   1: mov rbp,rsp
   4: cmp rsp,[r15+28h]
   8: jb 66h
   e: mov rax,[r15+30h]
  12: mov r9,[rax+20h]
  16: mov rax,[r15+30h]
  1a: mov rax,[rax+28h]
  1e: lea rcx,[rax-8]
  22: xor r11d,r11d
  25: xor eax,eax
  27: xor edx,edx
  29: nop [rax+rax]
  32: nop [rax+rax]
  3b: nop [rax+rax]
  40: cmp rsp,[r15+28h]
  44: jb 76h
  4a: cmp rdx,rcx
  4d: ja 7Dh
  53: add eax,[r9+rdx+4]
  58: add r11d,1
  5c: add edx,18h
  5f: cmp r11d,edi
  62: jb short 40h
  64: pop rbp
  65: ret
  66: call 6Bh
  6b: cmp rsp,[r15+28h]
  6f: jae short 0Eh
  71: call 76h
  76: call 7Bh
  7b: jmp short 4Ah
  7d: call 82h

function 1:
   0: push rbp
   1: mov rbp,rsp
   4: cmp rsp,[r15+28h]
   8: jb 70h
   e: mov rax,[r15+30h]
  12: mov r8,[rax+20h]
  16: mov rax,[r15+30h]
  1a: mov rax,[rax+28h]
  1e: lea r11,[rax-4]
  22: xor edx,edx
  24: xor ecx,ecx
  26: nop [rax+rax]
  2f: nop [rax+rax]
  38: nop [rax+rax]
  40: cmp rsp,[r15+28h]
  44: jb 80h
  4a: cmp rcx,r11
  4d: ja 87h
  53: mov eax,[r8+rcx]
  57: add edx,1
  5a: add ecx,18h
  5d: cmp rcx,r11
  60: ja 8Ch
  66: sub eax,[r8+rcx]
  6a: cmp edx,edi
  6c: jb short 40h
  6e: pop rbp
  6f: ret
  70: call 75h
  75: cmp rsp,[r15+28h]
  79: jae short 0Eh
  7b: call 80h
  80: call 85h
  85: jmp short 4Ah
  87: call 8Ch
  8c: call 91h

function 2:
   0: push rbp
   1: mov rbp,rsp
   4: cmp rsp,[r15+28h]
   8: jb 40h
   e: xor esi,esi
  10: xor eax,eax
  12: nop [rax+rax]
  1b: nop [rax+rax]
  20: cmp rsp,[r15+28h]
  24: jb 50h
  2a: lea ecx,[rsi+rsi*8]
  2d: add eax,ecx
  2f: mov rcx,rsi
  32: shl ecx,6
  35: xor eax,ecx
  37: add esi,1
  3a: cmp esi,edi
  3c: jb short 20h
  3e: pop rbp
  3f: ret
  40: call 45h
  45: cmp rsp,[r15+28h]
  49: jae short 0Eh
  4b: call 50h
  50: call 55h
  55: jmp short 2Ah

function 3:
   0: push rbp
   1: mov rbp,rsp
   4: cmp rsp,[r15+28h]
   8: jb 74h
   e: mov rax,[r15+30h]
  12: mov r10,[rax+20h]
  16: mov rax,[r15+30h]
  1a: mov rax,[rax+28h]
  1e: lea rcx,[rax-1]
  22: xor r9d,r9d
  25: xor eax,eax
  27: nop [rax+rax]
  30: nop [rax+rax]
  39: nop [rax]
  40: cmp rsp,[r15+28h]
  44: jb 84h
  4a: cmp r9,rcx
  4d: ja 8Bh
  53: movzx edx,byte ptr [r10+r9]
  58: test edx,edx
  5a: je 69h
  60: imul edx,r9d,18h
  64: add edx,eax
  66: mov rax,rdx
  69: add r9d,1
  6d: cmp r9d,edi
  70: jb short 40h
  72: pop rbp
  73: ret
  74: call 79h
  79: cmp rsp,[r15+28h]
  7d: jae short 0Eh
  7f: call 84h
  84: call 89h
  89: jmp short 4Ah
  8b: call 90h

