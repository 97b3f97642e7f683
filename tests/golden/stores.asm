function 0:
   0: push rbp
   1: mov rbp,rsp
   4: mov dword ptr [r15+78h],1
   c: lea edx,[rdi+3]
   f: mov [r15+68h],edx
  13: pop rbp
  14: ret

function 1:
   0: push rbp
   1: mov rbp,rsp
   4: mov [r15+68h],edi
   8: mov r8,[r15+30h]
   c: mov rsi,[r8+20h]
  10: mov r8,[r15+30h]
  14: mov r10,[r8+28h]
  18: lea r9,[r10-4]
  1c: cmp rdi,r9
  1f: ja 32h
  25: mov eax,[rsi+rdi]
  28: mov dword ptr [r15+68h],0
  30: pop rbp
  31: ret
  32: call 37h

function 2:
   0: push rbp
   1: mov rbp,rsp
   4: mov rsi,[r15+30h]
   8: mov rdx,[rsi+20h]
   c: mov rsi,[r15+30h]
  10: mov r8,[rsi+28h]
  14: add r8,0FFFFFFFFFFFFFFF8h
  18: cmp rdi,r8
  1b: ja 40h
  21: mov dword ptr [rdx+rdi],1
  28: cmp rdi,r8
  2b: ja 4Dh
  31: mov qword ptr [rdx+rdi],3
  39: pop rbp
  3a: ret
  3b: call 40h
  40: push rax
  41: lea rax,[rdi-4]
  45: cmp rax,r8
  48: pop rax
  49: jle short 21h
  4b: jmp short 3Bh
  4d: call 52h

function 3:
   0: push rbp
   1: mov rbp,rsp
   4: mov rsi,[r15+30h]
   8: mov rdx,[rsi+20h]
   c: mov rsi,[r15+30h]
  10: mov r8,[rsi+28h]
  14: add r8,0FFFFFFFFFFFFFFF8h
  18: cmp rdi,r8
  1b: ja 2Bh
  21: mov qword ptr [rdx+rdi],3
  29: pop rbp
  2a: ret
  2b: call 30h

function 4:
   0: push rbp
   1: mov rbp,rsp
   4: mov r8,[r15+30h]
   8: mov rsi,[r8+20h]
   c: mov r8,[r15+30h]
  10: mov r9,[r8+28h]
  14: lea r8,[r9-0Ch]
  18: cmp rdi,r8
  1b: ja 3Dh
  21: mov dword ptr [rsi+rdi+8],1
  29: movsx eax,byte ptr [rsi+rdi+8]
  2e: mov byte ptr [rsi+rdi+4],2
  33: mov dword ptr [rsi+rdi+8],3
  3b: pop rbp
  3c: ret
  3d: call 42h

function 5:
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

function 6:
   0: push rbp
   1: mov rbp,rsp
   4: lea r8d,[rdi+10h]
   8: mov r9,[r15+30h]
   c: mov rsi,[r9+20h]
  10: mov r9,[r15+30h]
  14: mov r11,[r9+28h]
  18: lea r9,[r11-4]
  1c: cmp r8,r9
  1f: ja 49h
  25: mov dword ptr [rsi+r8],1
  2d: lea r10d,[rdi-10h]
  31: cmp r10,r9
  34: ja 4Eh
  3a: mov dword ptr [rsi+r10],2
  42: mov eax,1
  47: pop rbp
  48: ret
  49: call 4Eh
  4e: call 53h

