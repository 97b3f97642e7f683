function 0:
   0: push rbp
   1: mov rbp,rsp
   4: imul rdx,rcx
   8: mov r9,rdx
   b: imul r8,rsi
   f: mov rax,rsi
  12: mul rcx
  15: add rdx,r8
  18: add rdx,r9
  1b: mov rcx,[r15+30h]
  1f: mov r8,[rcx+20h]
  23: mov rcx,[r15+30h]
  27: mov rcx,[rcx+28h]
  2b: add rcx,0FFFFFFFFFFFFFFF0h
  2f: cmp rdi,rcx
  32: ja 43h
  38: mov [r8+rdi+8],rdx
  3d: mov [r8+rdi],rax
  41: pop rbp
  42: ret
  43: call 48h

function 1:
   0: push rbp
   1: mov rbp,rsp
   4: mov rax,rdi
   7: mul rsi
   a: mov rsi,[r15+30h]
   e: mov rsi,[rsi+20h]
  12: mov [rsi+18h],rdx
  16: mov [rsi+10h],rax
  1a: xor rax,[rsi+18h]
  1e: pop rbp
  1f: ret

function 2:
   0: push rbp
   1: mov rbp,rsp
   4: mov rax,rdi
   7: mul rsi
   a: mov rax,rdx
   d: pop rbp
   e: ret

function 3:
   0: push rbp
   1: mov rbp,rsp
   4: mov rsi,123456789ABCDEFh
   e: mov rax,rdi
  11: mul rsi
  14: mov rax,rdx
  17: pop rbp
  18: ret

function 4:
   0: push rbp
   1: mov rbp,rsp
   4: mov rax,rdi
   7: bswap eax
   9: pop rbp
   a: ret

function 5:
   0: push rbp
   1: mov rbp,rsp
   4: movzx eax,dil
   8: ror eax,8
   b: ror edi,18h
   e: and edi,0FF00FFh
  14: or eax,edi
  16: pop rbp
  17: ret

