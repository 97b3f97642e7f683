function 0:
   0: push rbp
   1: mov rbp,rsp
   4: mov rsi,[r15+20h]
   8: mov rax,[rsi+98h]
   f: lea r9,[rax+18h]
  13: cmp r9,[rsi+0A0h]
  1a: ja 74h
  20: mov [rsi+98h],r9
  27: mov r9,rax
  2a: shr r9,3
  2e: xor r8d,r8d
  31: bts r8,r9
  35: shr r9,6
  39: mov rsi,[rsi+0A8h]
  40: or [rsi+r9*8],r8
  44: mov rsi,[r15+20h]
  48: mov rsi,[rsi+90h]
  4f: mov r8,1800000000h
  59: mov [rsi+rax],r8
  5d: mov rsi,[r15+20h]
  61: mov rsi,[rsi+90h]
  68: mov [rsi+rax+8],edi
  6c: movsd [rsi+rax+10h],xmm0
  72: pop rbp
  73: ret
  74: mov qword ptr [rsi+100h],18h
  7f: call 84h
  84: jmp 4

function 1:
   0: push rbp
   1: mov rbp,rsp
   4: test rdi,rdi
   7: je 1Eh
   d: mov rsi,[r15+20h]
  11: mov rsi,[rsi+90h]
  18: mov eax,[rsi+rdi+8]
  1c: pop rbp
  1d: ret
  1e: call 23h

function 2:
   0: push rbp
   1: mov rbp,rsp
   4: test rdi,rdi
   7: je 1Fh
   d: mov rsi,[r15+20h]
  11: mov rsi,[rsi+90h]
  18: movsx eax,byte ptr [rsi+rdi+0Ch]
  1d: pop rbp
  1e: ret
  1f: call 24h

function 3:
   0: push rbp
   1: mov rbp,rsp
   4: test rdi,rdi
   7: je 30h
   d: mov r8,[r15+20h]
  11: mov r8,[r8+90h]
  18: mov r9d,[r8+rdi+4]
  1d: cmp rsi,r9
  20: jae 35h
  26: add rdi,r8
  29: movzx eax,byte ptr [rdi+rsi+8]
  2e: pop rbp
  2f: ret
  30: call 35h
  35: call 3Ah

function 4:
   0: push rbp
   1: mov rbp,rsp
   4: test rdi,rdi
   7: je 30h
   d: mov r8,[r15+20h]
  11: mov r8,[r8+90h]
  18: mov r9d,[r8+rdi+4]
  1d: cmp rsi,r9
  20: jae 35h
  26: add rdi,r8
  29: mov byte ptr [rdi+rsi+8],7
  2e: pop rbp
  2f: ret
  30: call 35h
  35: call 3Ah

function 5:
   0: push rbp
   1: mov rbp,rsp
   4: test rdi,rdi
   7: je 5Eh
   d: test edi,7
  13: jne 5Eh
  19: mov r8,[r15+20h]
  1d: mov rsi,[r8+90h]
  24: mov esi,[rsi+rdi]
  27: cmp esi,0
  2a: je 54h
  30: mov r8,[r8+0B0h]
  37: mov r8,[r8+rsi*8]
  3b: cmp dword ptr [r8+4],0
  40: jbe 5Eh
  46: mov r8,[r8+8]
  4a: cmp dword ptr [r8],0
  4e: jne 5Eh
  54: mov eax,1
  59: jmp 60h
  5e: xor eax,eax
  60: pop rbp
  61: ret

function 6:
   0: push rbp
   1: mov rbp,rsp
   4: test rdi,rdi
   7: je 3Ah
   d: test edi,7
  13: jne 3Ah
  19: mov r8,[r15+20h]
  1d: mov rsi,[r8+90h]
  24: mov esi,[rsi+rdi]
  27: cmp esi,1
  2a: jne 3Ah
  30: mov edx,1
  35: jmp 3Ch
  3a: xor edx,edx
  3c: test edx,edx
  3e: je 49h
  44: mov rax,rdi
  47: pop rbp
  48: ret
  49: call 4Eh

function 7:
   0: push rbp
   1: mov rbp,rsp
   4: shl edi,1
   7: or edi,1
   a: test rdi,rdi
   d: je 1Ah
  13: mov eax,edi
  15: sar eax,1
  18: pop rbp
  19: ret
  1a: call 1Fh

