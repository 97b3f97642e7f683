function 0:
   0: push rbp
   1: mov rbp,rsp
   4: cmp rsp,[r15+28h]
   8: jb 38h
   e: mov r8,[r15+30h]
  12: mov rsi,[r8+20h]
  16: mov r8d,[rsi+40h]
  1a: nop [rax+rax]
  20: cmp rsp,[r15+28h]
  24: jb 48h
  2a: add r8d,edi
  2d: mov [rsi+40h],r8d
  31: add edi,0FFFFFFFFh
  34: jne short 20h
  36: pop rbp
  37: ret
  38: call 3Dh
  3d: cmp rsp,[r15+28h]
  41: jae short 0Eh
  43: call 48h
  48: call 4Dh
  4d: jmp short 2Ah

function 1:
   0: push rbp
   1: mov rbp,rsp
   4: cmp rsp,[r15+28h]
   8: jb 37h
   e: mov edx,[r15+68h]
  12: nop [rax+rax]
  1b: nop [rax+rax]
  20: cmp rsp,[r15+28h]
  24: jb 47h
  2a: xor edx,edi
  2c: mov [r15+68h],edx
  30: add edi,0FFFFFFFFh
  33: jne short 20h
  35: pop rbp
  36: ret
  37: call 3Ch
  3c: cmp rsp,[r15+28h]
  40: jae short 0Eh
  42: call 47h
  47: call 4Ch
  4c: jmp short 2Ah

function 2:
   0: push rbp
   1: mov rbp,rsp
   4: mov rsi,[r15+30h]
   8: mov rdx,[rsi+20h]
   c: mov rsi,[r15+30h]
  10: mov r8,[rsi+28h]
  14: add r8,0FFFFFFFFFFFFFFF8h
  18: cmp rdi,r8
  1b: ja 28h
  21: add dword ptr [rdx+rdi+4],3
  26: pop rbp
  27: ret
  28: call 2Dh

function 3:
   0: push rbp
   1: mov rbp,rsp
   4: mov r8,[r15+30h]
   8: mov r8,[r8+20h]
   c: mov r9,[r15+30h]
  10: mov r9,[r9+28h]
  14: add r9,0FFFFFFFFFFFFFFF8h
  18: cmp rdi,r9
  1b: ja 27h
  21: sub [r8+rdi],rsi
  25: pop rbp
  26: ret
  27: call 2Ch

function 4:
   0: push rbp
   1: mov rbp,rsp
   4: ucomisd xmm1,xmm0
   8: ja 18h
   e: mov eax,7
  13: jmp 1Dh
  18: mov eax,9
  1d: pop rbp
  1e: ret

function 5:
   0: push rbp
   1: mov rbp,rsp
   4: lea eax,[rdi*8+3E8h]
   b: pop rbp
   c: ret

function 6:
   0: push rbp
   1: mov rbp,rsp
   4: test edi,edi
   6: jne 20h
   c: mov rsi,[r15+30h]
  10: mov rsi,[rsi+20h]
  14: mov dword ptr [rsi+8],5
  1b: jmp 2Bh
  20: mov rax,[r15+30h]
  24: mov rax,[rax+20h]
  28: mov [rax+8],esi
  2b: mov rax,[r15+30h]
  2f: mov rax,[rax+20h]
  33: mov eax,[rax+8]
  36: pop rbp
  37: ret

function 7:
   0: push rbp
   1: mov rbp,rsp
   4: mov r9,rdi
   7: cmp r9d,5
   b: jae 3Dh
  11: lea r8,[24h]
  18: movsxd rdi,[r8+r9*4]
  1c: add r8,rdi
  1f: jmp r8
  22: xchg ax,ax
  24: sbb [rax],eax
  26: add [rax],al
  28: adc al,0
  2a: add [rax],al
  2c: sbb [rax],eax
  2e: add [rax],al
  30: sbb [rax],eax
  32: add [rax],al
  34: adc al,0
  36: add [rax],al
  38: lea eax,[rsi+1]
  3b: pop rbp
  3c: ret
  3d: mov rax,rsi
  40: pop rbp
  41: ret

function 8:
   0: push rbp
   1: mov rbp,rsp
   4: xor rdi,[18h]
   b: mov rax,rdi
   e: imul rax,[20h]
  16: pop rbp
  17: ret
  18: out dx,eax
  19: int 0ABh
  1b: mov [rdi+45h],esp
  1e: and eax,[rcx]
  20: adc eax,0B97F4A7Ch
  25: jns short 5Eh
  27: sahf

