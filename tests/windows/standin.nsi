; Stands in for the frozen program where only the installer is tried: starts and ends as that does, and notes it in the
; folder named by OPENTHREAT_STANDIN. Needs VERSION, OUT and, for the one that is typed, CONSOLE.
Unicode true
SilentInstall silent
RequestExecutionLevel user
SetCompress off
OutFile "${OUT}"
!include "FileFunc.nsh"
!include "LogicLib.nsh"

Section
  ReadEnvStr $0 "OPENTHREAT_STANDIN"
!ifdef CONSOLE
  ${If} ${FileExists} "$0\deaf"
    SetErrorLevel 1
    Quit
  ${EndIf}
  ${IfNot} ${FileExists} "$0\running"
    SetErrorLevel 3
    Quit
  ${EndIf}
  FileOpen $1 "$0\quit" w
  FileClose $1
  ${DoWhile} ${FileExists} "$0\running"
    Sleep 50
  ${Loop}
!else
  ${GetParameters} $1
  FileOpen $2 "$0\started.txt" a
  FileSeek $2 0 END
  FileWrite $2 "${VERSION} $1$\r$\n"
  FileClose $2
  FileOpen $2 "$0\running" w
  ${DoUntil} ${FileExists} "$0\quit"
    Sleep 50
  ${Loop}
  FileClose $2
  Delete "$0\quit"
  Delete "$0\running"
  Sleep 1500 ; its file is in use a little longer than it answers
!endif
SectionEnd
