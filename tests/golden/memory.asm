function 0:
   0: push rbp
   1: mov rbp,rsp
   4: mov r8,[r15+58h]
   8: mov r8,[r8+8]
   c: mov rsi,[r8+20h]
  10: mov r8,[r8+28h]
  14: lea r9,[rdi+0Ch]
  18: cmp r9,r8
  1b: ja 27h
  21: mov eax,[rsi+rdi+8]
  25: pop rbp
  26: ret
  27: call 2Ch

function 1:
   0: push rbp
   1: mov rbp,rsp
   4: mov r8,[r15+58h]
   8: mov r8,[r8+10h]
   c: mov rsi,[r8+20h]
  10: mov r8,[r8+28h]
  14: mov r9d,10h
  1a: add r9,rdi
  1d: jb 33h
  23: cmp r9,r8
  26: ja 33h
  2c: mov rax,[rsi+rdi+8]
  31: pop rbp
  32: ret
  33: call 38h

function 2:
   0: push rbp
   1: mov rbp,rsp
   4: test edi,3
   a: jne 3Dh
  10: mov r10,[r15+58h]
  14: mov r10,[r10+18h]
  18: mov r8,[r10+20h]
  1c: mov r11,[r10+30h]
  20: mov r10,[r11]
  23: lea rax,[rdi+4]
  27: cmp rax,r10
  2a: ja 42h
  30: mov rax,rsi
  33: lock xadd [r8+rdi],eax
  39: mov eax,eax
  3b: pop rbp
  3c: ret
  3d: call 42h
  42: call 47h

function 3:
   0: push rbp
   1: mov rbp,rsp
   4: test edi,1
   a: jne 49h
  10: mov r11,[r15+58h]
  14: mov r11,[r11+18h]
  18: mov r8,[r11+20h]
  1c: mov rax,[r11+30h]
  20: mov r11,[rax]
  23: lea rax,[rdi+2]
  27: cmp rax,r11
  2a: ja 4Eh
  30: movzx eax,word ptr [r8+rdi]
  35: mov rcx,rax
  38: or rcx,rsi
  3b: lock cmpxchg [r8+rdi],cx
  42: jne short 35h
  44: movzx eax,ax
  47: pop rbp
  48: ret
  49: call 4Eh
  4e: call 53h

function 4:
   0: push rbp
   1: mov rbp,rsp
   4: mov r10,[r15+58h]
   8: mov r10,[r10+18h]
   c: mov r8,[r10+20h]
  10: mov r11,[r10+30h]
  14: mov r10,[r11]
  17: lea rax,[rdi+1]
  1b: cmp rax,r10
  1e: ja 32h
  24: mov rax,rsi
  27: lock cmpxchg [r8+rdi],dl
  2d: movzx eax,al
  30: pop rbp
  31: ret
  32: call 37h

function 5:
   0: push rbp
   1: mov rbp,rsp
   4: test edi,7
   a: jne 36h
  10: mov r10,[r15+58h]
  14: mov r10,[r10+18h]
  18: mov r8,[r10+20h]
  1c: mov r11,[r10+30h]
  20: mov r10,[r11]
  23: lea rax,[rdi+8]
  27: cmp rax,r10
  2a: ja 3Bh
  30: xchg [r8+rdi],rsi
  34: pop rbp
  35: ret
  36: call 3Bh
  3b: call 40h

