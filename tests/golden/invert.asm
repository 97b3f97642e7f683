function 0:
   0: push rbp
   1: mov rbp,rsp
   4: pop rbp
   5: ret

function 1:
   0: push rbp
   1: mov rbp,rsp
   4: cmp rsp,[r15+28h]
   8: jb 62h
   e: test esi,esi
  10: jne 1Dh
  16: xor eax,eax
  18: jmp 60h
  1d: mov rax,[r15+30h]
  21: mov rcx,[rax+20h]
  25: mov rax,[r15+30h]
  29: mov rax,[rax+28h]
  2d: lea rdx,[rax-4]
  31: xor eax,eax
  33: nop [rax+rax]
  3c: nop [rax]
  40: cmp rdi,rdx
  43: ja 72h
  49: add eax,[rcx+rdi]
  4c: add edi,4
  4f: add esi,0FFFFFFFFh
  52: cmp rsp,[r15+28h]
  56: jb 77h
  5c: test esi,esi
  5e: jne short 40h
  60: pop rbp
  61: ret
  62: call 67h
  67: cmp rsp,[r15+28h]
  6b: jae short 0Eh
  6d: call 72h
  72: call 77h
  77: call 7Ch
  7c: jmp short 5Ch

function 2:
   0: push rbp
   1: mov rbp,rsp
   4: cmp rsp,[r15+28h]
   8: jb 7Dh
   e: mov rax,[r15+30h]
  12: mov rax,[rax+20h]
  16: mov rcx,[r15+30h]
  1a: mov rcx,[rcx+28h]
  1e: add rcx,0FFFFFFFFFFFFFFF8h
  22: cmp rdi,rcx
  25: ja 92h
  2b: mov r11d,[rax+rdi]
  2f: cmp r11d,0
  33: jbe 79h
  39: cmp rdi,rcx
  3c: ja 9Fh
  42: mov ecx,[rax+rdi+4]
  46: xor eax,eax
  48: xor edx,edx
  4a: nop [rax+rax]
  53: nop [rax+rax]
  5c: nop [rax]
  60: add eax,ecx
  62: add edx,1
  65: cmp rsp,[r15+28h]
  69: jb 0A4h
  6f: cmp edx,r11d
  72: jb short 60h
  74: jmp 7Bh
  79: xor eax,eax
  7b: pop rbp
  7c: ret
  7d: call 82h
  82: cmp rsp,[r15+28h]
  86: jae short 0Eh
  88: call 8Dh
  8d: call 92h
  92: push rax
  93: lea rax,[rdi-4]
  97: cmp rax,rcx
  9a: pop rax
  9b: jle short 2Bh
  9d: jmp short 8Dh
  9f: call 0A4h
  a4: call 0A9h
  a9: jmp short 6Fh

function 3:
   0: push rbp
   1: mov rbp,rsp
   4: cmp rsp,[r15+28h]
   8: jb 79h
   e: mov rax,[r15+30h]
  12: mov r8,[rax+20h]
  16: mov rax,[r15+30h]
  1a: mov rax,[rax+28h]
  1e: add rax,0FFFFFFFFFFFFFFFCh
  22: cmp rdi,rax
  25: ja 89h
  2b: mov ecx,[r8+rdi]
  2f: cmp ecx,0
  32: jbe 77h
  38: cmp rsi,rax
  3b: ja 8Eh
  41: xor eax,eax
  43: nop [rax+rax]
  4c: nop [rax+rax]
  55: nop [rax+rax]
  5e: xchg ax,ax
  60: mov [r8+rsi],eax
  64: add eax,1
  67: cmp rsp,[r15+28h]
  6b: jb 93h
  71: cmp eax,[r8+rdi]
  75: jb short 60h
  77: pop rbp
  78: ret
  79: call 7Eh
  7e: cmp rsp,[r15+28h]
  82: jae short 0Eh
  84: call 89h
  89: call 8Eh
  8e: call 93h
  93: call 98h
  98: jmp short 71h

function 4:
   0: push rbp
   1: mov rbp,rsp
   4: cmp rsp,[r15+28h]
   8: jb 78h
   e: mov r11,[r15+30h]
  12: mov rsi,[r11+20h]
  16: mov r11,[r15+30h]
  1a: mov rax,[r11+28h]
  1e: add rax,0FFFFFFFFFFFFFFF8h
  22: cmp rdi,rax
  25: ja 8Dh
  2b: mov r9d,[rsi+rdi]
  2f: cmp r9d,0
  33: jbe 76h
  39: cmp rdi,rax
  3c: ja 9Ah
  42: xor eax,eax
  44: nop [rax+rax]
  4d: nop [rax+rax]
  56: nop [rax+rax]
  5f: nop
  60: mov [rsi+rdi+4],eax
  64: add eax,1
  67: cmp rsp,[r15+28h]
  6b: jb 9Fh
  71: cmp eax,r9d
  74: jb short 60h
  76: pop rbp
  77: ret
  78: call 7Dh
  7d: cmp rsp,[r15+28h]
  81: jae short 0Eh
  83: call 88h
  88: call 8Dh
  8d: push rcx
  8e: lea rcx,[rdi-4]
  92: cmp rcx,rax
  95: pop rcx
  96: jle short 2Bh
  98: jmp short 88h
  9a: call 9Fh
  9f: call 0A4h
  a4: jmp short 71h

function 5:
   0: push rbp
   1: mov rbp,rsp
   4: cmp rsp,[r15+28h]
   8: jb 74h
   e: cmp edx,0
  11: jbe 70h
  17: mov r9,rdx
  1a: xor eax,eax
  1c: mov r8,rax
  1f: xor r10d,r10d
  22: cmp r10d,0
  26: jbe 55h
  2c: mov rax,rdi
  2f: test esi,esi
  31: je 84h
  37: xor edx,edx
  39: div esi
  3b: xor ecx,ecx
  3d: nop [rax]
  40: add r8d,eax
  43: add ecx,1
  46: cmp rsp,[r15+28h]
  4a: jb 89h
  50: cmp ecx,r10d
  53: jb short 40h
  55: add r10d,1
  59: cmp rsp,[r15+28h]
  5d: jb 90h
  63: cmp r10d,r9d
  66: jb short 22h
  68: mov rax,r8
  6b: jmp 72h
  70: xor eax,eax
  72: pop rbp
  73: ret
  74: call 79h
  79: cmp rsp,[r15+28h]
  7d: jae short 0Eh
  7f: call 84h
  84: call 89h
  89: call 8Eh
  8e: jmp short 50h
  90: call 95h
  95: jmp short 63h

function 6:
   0: push rbp
   1: mov rbp,rsp
   4: cmp rsp,[r15+28h]
   8: jb 71h
   e: cmp edx,0
  11: jbe 6Dh
  17: mov rax,[r15+30h]
  1b: mov r9,[rax+20h]
  1f: mov rax,[r15+30h]
  23: mov rax,[rax+28h]
  27: lea rcx,[rax-4]
  2b: xor eax,eax
  2d: nop [rax+rax]
  36: nop [rax+rax]
  3f: nop
  40: lea r8d,[rdi+rax*4]
  44: cmp r8,rcx
  47: ja 81h
  4d: cmp esi,[r9+r8]
  51: je 6Fh
  57: add eax,1
  5a: cmp rsp,[r15+28h]
  5e: jb 86h
  64: cmp eax,edx
  66: jb short 40h
  68: jmp 6Fh
  6d: xor eax,eax
  6f: pop rbp
  70: ret
  71: call 76h
  76: cmp rsp,[r15+28h]
  7a: jae short 0Eh
  7c: call 81h
  81: call 86h
  86: call 8Bh
  8b: jmp short 64h

function 7:
   0: push rbp
   1: mov rbp,rsp
   4: cmp rsp,[r15+28h]
   8: jb 54h
   e: mov rax,[r15+30h]
  12: mov r9,[rax+20h]
  16: mov rax,[r15+30h]
  1a: mov rax,[rax+28h]
  1e: add rax,0FFFFFFFFFFFFFFFCh
  22: cmp rdi,rax
  25: ja 64h
  2b: mov r11d,[r9+rdi]
  2f: xor eax,eax
  31: nop [rax+rax]
  3a: nop [rax+rax]
  40: cmp rsp,[r15+28h]
  44: jb 69h
  4a: add eax,r11d
  4d: add esi,0FFFFFFFFh
  50: jne short 40h
  52: pop rbp
  53: ret
  54: call 59h
  59: cmp rsp,[r15+28h]
  5d: jae short 0Eh
  5f: call 64h
  64: call 69h
  69: call 6Eh
  6e: jmp short 4Ah

function 8:
   0: push rbp
   1: mov rbp,rsp
   4: cmp rsp,[r15+28h]
   8: jb 58h
   e: mov rax,[r15+30h]
  12: mov r9,[rax+20h]
  16: mov rax,[r15+30h]
  1a: mov rax,[rax+28h]
  1e: add rax,0FFFFFFFFFFFFFFFCh
  22: cmp rdi,rax
  25: ja 68h
  2b: mov r11d,[r9+rdi]
  2f: mov r9d,[r15+68h]
  33: nop [rax+rax]
  3c: nop [rax]
  40: cmp rsp,[r15+28h]
  44: jb 6Dh
  4a: add r9d,r11d
  4d: mov [r15+68h],r9d
  51: add esi,0FFFFFFFFh
  54: jne short 40h
  56: pop rbp
  57: ret
  58: call 5Dh
  5d: cmp rsp,[r15+28h]
  61: jae short 0Eh
  63: call 68h
  68: call 6Dh
  6d: call 72h
  72: jmp short 4Ah

