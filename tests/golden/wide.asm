function 0:
   0: push rbp
   1: mov rbp,rsp
   4: mov r8,rdx
   7: mov rax,rdi
   a: mov rdx,rsi
   d: add rax,r8
  10: adc rdx,rcx
  13: pop rbp
  14: ret

function 1:
   0: push rbp
   1: mov rbp,rsp
   4: mov r8,rdx
   7: mov rax,rdi
   a: mov rdx,rsi
   d: sub rax,r8
  10: sbb rdx,rcx
  13: pop rbp
  14: ret

function 2:
   0: push rbp
   1: mov rbp,rsp
   4: mov rax,rdi
   7: imul rsi
   a: pop rbp
   b: ret

function 3:
   0: push rbp
   1: mov rbp,rsp
   4: mov rax,rdx
   7: add rax,rdi
   a: add rsi,rcx
   d: mov rdx,rsi
  10: cmp rax,rdi
  13: adc rdx,0
  17: pop rbp
  18: ret

function 4:
   0: push rbp
   1: mov rbp,rsp
   4: mov rax,rdi
   7: sub rax,rdx
   a: mov r8,rdx
   d: sub rsi,rcx
  10: mov rdx,rsi
  13: cmp rdi,r8
  16: sbb rdx,0
  1a: pop rbp
  1b: ret

function 5:
   0: push rbp
   1: mov rbp,rsp
   4: mov rax,rdi
   7: cmp esi,edx
   9: sbb eax,0FFFFFFFFh
   c: pop rbp
   d: ret

function 6:
   0: push rbp
   1: mov rbp,rsp
   4: mov rax,rdi
   7: cmp esi,1
   a: sbb eax,0
   d: pop rbp
   e: ret

function 7:
   0: push rbp
   1: mov rbp,rsp
   4: mov rax,rdi
   7: cmp rsi,1
   b: sbb eax,0FFFFFFFFh
   e: pop rbp
   f: ret

