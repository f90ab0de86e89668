// Linked into the addon by a MinGW build; with Visual Studio the build tools bring their own.
//
// The addon imports the functions of Node from "node.exe", late, at the first call. The program
// that has loaded it offers them under whatever name it runs, so none is looked for on the disk.

#include <windows.h>

#include <delayimp.h>

#include <cstring>

namespace {

FARPROC WINAPI UseRunningProgram(unsigned int event, DelayLoadInfo* info) {
  if (event != dliNotePreLoadLibrary || _stricmp(info->szDll, "node.exe") != 0) return nullptr;
  return reinterpret_cast<FARPROC>(GetModuleHandleW(nullptr));
}

}  // namespace

PfnDliHook __pfnDliNotifyHook2 = UseRunningProgram;
