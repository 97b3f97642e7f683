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

function 9:
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

function 10:
   0: push rbp
   1: mov rbp,rsp
   4: lea r10,[rsp-48h]
   9: cmp r10,[r15+28h]
   d: jb 204h
  13: sub rsp,48h
  17: mov [rbp-8],rbx
  1b: mov [rbp-10h],r12
  1f: mov [rbp-18h],r13
  23: mov [rbp-20h],r14
  27: mov [rbp-48h],rdi
  2b: mov [rbp-40h],rsi
  2f: mov [rbp-30h],rdx
  33: mov r12d,[rbp+10h]
  37: lea r13d,[r8+r9]
  3b: mov [rbp-38h],r8
  3f: mov [rbp-28h],r9
  43: xor r14d,r14d
  46: nop [rax+rax]
  4f: nop
  50: cmp rsp,[r15+28h]
  54: jb 218h
  5a: nop [rax+rax]
  60: cmp rsp,[r15+28h]
  64: jb 222h
  6a: mov rax,[r15+50h]
  6e: mov rax,[rax]
  71: mov r8,[rbp-38h]
  75: cmp r8,[rax+28h]
  79: jae 22Ch
  7f: mov rax,[rax+20h]
  83: mov r10,[rax+r8*8]
  87: test r10,r10
  8a: je 231h
  90: mov eax,[r10+30h]
  94: cmp eax,3
  97: jne 236h
  9d: mov rbx,rcx
  a0: mov rdi,rbx
  a3: cmp r15,[r10+28h]
  a7: jne 23Bh
  ad: mov r11,[r10+20h]
  b1: call qword ptr [r11+40h]
  b5: add r14d,eax
  b8: lea esi,[rbx+r14]
  bc: mov rax,[r15+30h]
  c0: mov rcx,[rax+20h]
  c4: mov rax,[r15+30h]
  c8: mov rax,[rax+28h]
  cc: lea rdx,[rax-4]
  d0: mov r9,[rbp-28h]
  d4: cmp r9,rdx
  d7: ja 245h
  dd: mov [rcx+r9],esi
  e1: cmp r12,rdx
  e4: ja 24Ah
  ea: mov [rcx+r12],r13d
  ee: cmp r14d,ebx
  f1: jae 103h
  f7: mov rcx,rbx
  fa: mov [rbp-28h],r9
  fe: jmp 60h
 103: test r13d,r13d
 106: je 118h
 10c: mov rcx,rbx
 10f: mov [rbp-28h],r9
 113: jmp 50h
 118: xor esi,esi
 11a: mov r12,[rbp-40h]
 11e: mov r13,[rbp-48h]
 122: nop [rax+rax]
 12b: nop [rax+rax]
 134: nop [rax+rax]
 13d: nop [rax]
 140: cmp rsp,[r15+28h]
 144: jb 24Fh
 14a: lea edi,[r13+rsi]
 14f: lea eax,[r12+rsi]
 153: cmp rax,rdx
 156: ja 25Eh
 15c: movzx eax,byte ptr [rcx+rax]
 160: cmp rdi,rdx
 163: ja 274h
 169: mov [rcx+rdi],al
 16c: add esi,1
 16f: cmp esi,[rbp-30h]
 172: jb short 140h
 174: mov rax,[r15+50h]
 178: mov rax,[rax]
 17b: mov r8,[rbp-38h]
 17f: cmp r8,[rax+28h]
 183: jae 285h
 189: mov rax,[rax+20h]
 18d: mov r10,[rax+r8*8]
 191: test r10,r10
 194: je 28Ah
 19a: mov esi,[r10+30h]
 19e: cmp esi,3
 1a1: jne 28Fh
 1a7: mov rdi,r12
 1aa: cmp r15,[r10+28h]
 1ae: jne 294h
 1b4: mov r11,[r10+20h]
 1b8: call qword ptr [r11+40h]
 1bc: mov rsi,rax
 1bf: mov rax,[r15+30h]
 1c3: mov rcx,[rax+20h]
 1c7: mov rax,[r15+30h]
 1cb: mov rdx,[rax+28h]
 1cf: add rdx,0FFFFFFFFFFFFFFFCh
 1d3: cmp rbx,rdx
 1d6: ja 29Eh
 1dc: mov rax,rsi
 1df: mov [rcx+rbx],eax
 1e2: cmp r13,rdx
 1e5: ja 2A3h
 1eb: mov [rcx+r13],r12d
 1ef: mov rbx,[rbp-8]
 1f3: mov r12,[rbp-10h]
 1f7: mov r13,[rbp-18h]
 1fb: mov r14,[rbp-20h]
 1ff: mov rsp,rbp
 202: pop rbp
 203: ret
 204: call 209h
 209: cmp r10,[r15+28h]
 20d: jae 13h
 213: call 218h
 218: call 21Dh
 21d: jmp 5Ah
 222: call 227h
 227: jmp 6Ah
 22c: call 231h
 231: call 236h
 236: call 23Bh
 23b: call 240h
 240: jmp 0B5h
 245: call 24Ah
 24a: call 24Fh
 24f: call 254h
 254: jmp 14Ah
 259: call 25Eh
 25e: push rcx
 25f: lea rcx,[rax-3]
 263: cmp rcx,rdx
 266: pop rcx
 267: jle 15Ch
 26d: jmp short 259h
 26f: call 274h
 274: push rax
 275: lea rax,[rdi-3]
 279: cmp rax,rdx
 27c: pop rax
 27d: jle 169h
 283: jmp short 26Fh
 285: call 28Ah
 28a: call 28Fh
 28f: call 294h
 294: call 299h
 299: jmp 1BCh
 29e: call 2A3h
 2a3: call 2A8h

