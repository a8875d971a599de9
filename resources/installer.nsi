; The installer, for the current user and without administrator rights. Made by resources/build.py, which passes
; VERSION, DIST (the frozen program's folder), OUT (this installer's path) and KIBIBYTES (the program's size).
;
; The new version is unpacked beside the old one and takes its place by two renames, so whatever happens meanwhile there
; is one whole version, and no file of the old one is left in the new.
;
; /S installs silently. Exit codes: 0 done, 2 nothing was changed (the reason is in $TEMP\OpenThreat-setup.log too).

Unicode true
ManifestDPIAware true
ManifestSupportedOS Win10
RequestExecutionLevel user
SetCompressor /SOLID lzma

!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "LogicLib.nsh"
!include "WordFunc.nsh"

!define NAME "OpenThreat"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"
!define RUN_KEY "Software\Microsoft\Windows\CurrentVersion\Run"
!define DATA "$LOCALAPPDATA\${NAME}"
!define WAIT_TURNS 120        ; of half a second, for files that somebody still has open

Name "${NAME}"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
InstallDirRegKey HKCU "${UNINSTALL_KEY}" "InstallLocation"
BrandingText "${NAME} ${VERSION}"
ShowInstDetails nevershow
ShowUninstDetails nevershow

VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "FileDescription" "${NAME} setup"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "Apache License 2.0"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_COMPONENTSPAGE_NODESC
!define MUI_FINISHPAGE_RUN "$INSTDIR\${NAME}.exe"
!define MUI_FINISHPAGE_RUN_TEXT "Start ${NAME} now"
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_COMPONENTS
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

Var WasRunning
Var Log

; Says why nothing was done, to a person or to whoever reads the log of a silent run, and ends.
!macro Refuse SENTENCE
  FileOpen $Log "$TEMP\${NAME}-setup.log" w
  FileWriteUTF16LE /BOM $Log "${SENTENCE}$\r$\n"
  FileClose $Log
  MessageBox MB_ICONEXCLAMATION|MB_OK "${SENTENCE}" /SD IDOK
  SetErrorLevel 2
  Abort
!macroend

; Asks a running copy to end, through its own channel, and waits until nobody has the program's files open.
; A running .exe can be renamed, so only opening it for writing proves that it has ended. $0 is "free" or "held".
!macro EndRunningCopy UN
Function ${UN}EndRunningCopy
  StrCpy $WasRunning "no"
  StrCpy $0 "free"
  ${IfNot} ${FileExists} "$INSTDIR\${NAME}.exe"
    Return
  ${EndIf}
  nsExec::Exec '"$INSTDIR\openthreat-cli.exe" tray --quit'
  Pop $1
  ${If} $1 == 0
    StrCpy $WasRunning "yes"
  ${EndIf}
  StrCpy $2 0
  ${Do}
    StrCpy $0 "free"
    ${ForEach} $3 1 2 + 1
      StrCpy $4 "$INSTDIR\${NAME}.exe"
      ${If} $3 == 2
        StrCpy $4 "$INSTDIR\openthreat-cli.exe"
      ${EndIf}
      ClearErrors
      FileOpen $5 $4 a
      ${If} ${Errors}
        StrCpy $0 "held"
      ${Else}
        FileClose $5
      ${EndIf}
    ${Next}
    ${If} $0 == "free"
      Return
    ${EndIf}
    Sleep 500
    IntOp $2 $2 + 1
  ${LoopUntil} $2 > ${WAIT_TURNS}
FunctionEnd
!macroend
!insertmacro EndRunningCopy ""
!insertmacro EndRunningCopy "un."

Function .onInit
  ReadRegStr $1 HKCU "${UNINSTALL_KEY}" "DisplayVersion"
  ${If} $1 != ""
    ${VersionCompare} "$1" "${VERSION}" $2
    ${If} $2 == 1
      !insertmacro Refuse "Version $1 of ${NAME} is installed, which is newer than this one (${VERSION}). Nothing was changed. Uninstall it first if you want the older version; your data stay."
    ${EndIf}
  ${EndIf}
FunctionEnd

Section "${NAME}" PROGRAM
  SectionIn RO
  ; 1 the new version, beside the old one
  RMDir /r "$INSTDIR.new"
  SetOutPath "$INSTDIR.new"
  ClearErrors
  File /r "${DIST}\*"
  WriteUninstaller "$INSTDIR.new\uninstall.exe"
  ${If} ${Errors}
    SetOutPath "$TEMP"
    RMDir /r "$INSTDIR.new"
    !insertmacro Refuse "The program could not be unpacked to $INSTDIR.new. Nothing was changed. Make room on the disk or check the rights to that folder, then try again."
  ${EndIf}
  SetOutPath "$TEMP"

  ; 2 the old one ends, and gives its place
  Call EndRunningCopy
  ${If} $0 == "held"
    RMDir /r "$INSTDIR.new"
    Call StartAgain
    !insertmacro Refuse "A file of the installed ${NAME} is still in use, perhaps by a virus scanner. The installed version was left as it is. Try again in a minute."
  ${EndIf}
  RMDir /r "$INSTDIR.old"
  ${If} ${FileExists} "$INSTDIR\*"
    Call MoveOldAside
    ${If} $0 == "held"
      RMDir /r "$INSTDIR.new"
      Call StartAgain
      !insertmacro Refuse "A file of the installed ${NAME} is still in use, perhaps by a virus scanner. The installed version was left as it is. Try again in a minute."
    ${EndIf}
  ${EndIf}
  ClearErrors
  Rename "$INSTDIR.new" "$INSTDIR"
  ${If} ${Errors}
    Rename "$INSTDIR.old" "$INSTDIR"
    Call StartAgain
    !insertmacro Refuse "The new version could not be put into $INSTDIR. The installed version was left as it is."
  ${EndIf}
  RMDir /r "$INSTDIR.old"

  ; 3 where people and Windows find it
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\${NAME}.exe"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\${NAME}.exe"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "Publisher" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "EstimatedSize" ${KIBIBYTES}
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoRepair" 1
  Call StartAgain
SectionEnd

; Off unless somebody ticks it; the program's own settings change it later, and an upgrade leaves it as it is.
Section /o "Start when I log in" AT_LOGIN
  WriteRegStr HKCU "${RUN_KEY}" "${NAME}" '"$INSTDIR\${NAME}.exe" tray --hidden'
SectionEnd

; The folder as a whole can only be renamed when nothing in it is open. $0 is "free" or "held".
Function MoveOldAside
  StrCpy $2 0
  ${Do}
    ClearErrors
    Rename "$INSTDIR" "$INSTDIR.old"
    ${IfNot} ${Errors}
      StrCpy $0 "free"
      Return
    ${EndIf}
    StrCpy $0 "held"
    Sleep 500
    IntOp $2 $2 + 1
  ${LoopUntil} $2 > ${WAIT_TURNS}
FunctionEnd

; What ran before goes on: an update that was interrupted continues.
Function StartAgain
  ${If} $WasRunning == "yes"
    Exec '"$INSTDIR\${NAME}.exe" tray --hidden'
  ${EndIf}
FunctionEnd

Section "un.${NAME}" UN_PROGRAM
  SectionIn RO
  Call un.EndRunningCopy
  ${If} $0 == "held"
    !insertmacro Refuse "A file of ${NAME} is still in use. Nothing was removed. Try again in a minute."
  ${EndIf}
  Delete "$SMPROGRAMS\${NAME}.lnk"
  DeleteRegValue HKCU "${RUN_KEY}" "${NAME}"
  DeleteRegKey HKCU "${UNINSTALL_KEY}"
  SetOutPath "$TEMP"
  RMDir /r "$INSTDIR"
SectionEnd

Section /o "un.My data and settings too" UN_DATA
  RMDir /r "${DATA}"
SectionEnd
