/* Programs of Go get random bytes from bcryptprimitives.dll, which Wine 8 does not have. This
   is the one function that they use, over one that Wine has. */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length)
{
	return RtlGenRandom(data, (ULONG)length);
}
