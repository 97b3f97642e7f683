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

