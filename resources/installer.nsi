; The installer, for the current user and without administrator rights. Made by resources/build.py, which passes
; VERSION, DIST (the frozen program's folder), OUT (this installer's path), KIBIBYTES (the program's size) and ICON, beside
; which lies the same picture as PNG.
;
; The new version is unpacked beside the old one and takes its place by two renames, so whatever happens meanwhile there
; is one whole version, and no file of the old one is left in the new.
;
; /S        silently
; /ATLOGIN  with "start when I log in", which is off otherwise and which an upgrade leaves as it is
; /DATA     (uninstaller) with the data and settings
; Exit codes: 0 done, 2 nothing was changed: the reason is in $TEMP\OpenThreat-setup.log then.

Unicode true
ManifestDPIAware true
ManifestSupportedOS Win10
RequestExecutionLevel user
!ifdef QUICK ; for tests
  SetCompressor zlib
!else
  SetCompressor /SOLID lzma
!endif

!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "LogicLib.nsh"
!include "Sections.nsh"
!include "WordFunc.nsh"
!include "Win\COM.nsh"
!include "Win\Propkey.nsh"

!define NAME "OpenThreat"
!define APP_ID "OpenThreat.Desktop"     ; as in desktop/host/session_windows.py: by it Windows knows whose notifications they are
!define WINDOWS_KEY "Software\Microsoft\Windows\CurrentVersion"
!define UNINSTALL_KEY "${WINDOWS_KEY}\Uninstall\${NAME}"
!define RUN_KEY "${WINDOWS_KEY}\Run"
!define APPROVED_KEY "${WINDOWS_KEY}\Explorer\StartupApproved\Run"
!define IDENTITY_KEY "Software\Classes\AppUserModelId\${APP_ID}"
!define DATA "$LOCALAPPDATA\${NAME}"
!define SHORTCUT "$SMPROGRAMS\${NAME}.lnk"
!define LOG "$TEMP\${NAME}-setup.log"
!define /ifndef WAIT_TURNS 120          ; of half a second, for files that somebody still has open
!searchreplace PICTURE "${ICON}" ".ico" ".png"
!define /math MEBIBYTES ${KIBIBYTES} / 1024

!define IN_USE "A file of the installed ${NAME} is still in use, perhaps by a virus scanner. The installed version was left as it is. Try again in a minute."

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
Var Reason
Var Log

; Says why nothing was done, to a person or to whoever reads the log of a silent run, and ends.
!macro Refuse SENTENCE
  StrCpy $Reason "${SENTENCE}"
  FileOpen $Log "${LOG}" w
  FileWriteUTF16LE /BOM $Log "$Reason$\r$\n"
  FileClose $Log
  MessageBox MB_ICONEXCLAMATION|MB_OK "$Reason" /SD IDOK
  SetErrorLevel 2
  Abort
!macroend

; What the installer and the uninstaller both do. $INSTDIR is never the folder that anybody works in here.
!macro Common UN
; A running .exe can be renamed, so only opening it for writing proves that it has ended. $0 is "free" or "held".
Function ${UN}LookForOpenFiles
  StrCpy $R2 "free" ; the only registers that Locate leaves alone are $R0 to $R5
  ${${UN}Locate} "$INSTDIR" "/L=F /M=*.*" "${UN}LookAtFile"
  StrCpy $0 $R2
FunctionEnd

; $R9: its path; $R7: its name. An uninstaller that was told to run where it lies holds itself.
Function ${UN}LookAtFile
  StrCpy $R4 ""
  ${If} $R7 != "uninstall.exe"
    ClearErrors
    FileOpen $R3 $R9 a
    ${If} ${Errors}
      StrCpy $R2 "held"
      StrCpy $R4 "StopLocate"
    ${Else}
      FileClose $R3
    ${EndIf}
  ${EndIf}
  Push $R4
FunctionEnd

; Asks a running copy to end, through its own channel, and waits until nobody has the program's files open.
Function ${UN}EndRunningCopy
  StrCpy $WasRunning "no"
  nsExec::Exec '"$INSTDIR\openthreat-cli.exe" tray --quit'
  Pop $1
  ${If} $1 == 0
    StrCpy $WasRunning "yes"
  ${EndIf}
  StrCpy $2 0
  ${Do}
    Call ${UN}LookForOpenFiles
    ${If} $0 == "free"
      Return
    ${EndIf}
    Sleep 500
    IntOp $2 $2 + 1
  ${LoopUntil} $2 > ${WAIT_TURNS}
FunctionEnd

; $R0 to $R1, which Windows refuses while a file in it is open: a virus scanner looks at what is new. $0 as above.
Function ${UN}MoveFolder
  StrCpy $2 0
  ${Do}
    ClearErrors
    Rename $R0 $R1
    ${IfNot} ${Errors}
      StrCpy $0 "free"
      Return
    ${EndIf}
    StrCpy $0 "held"
    Sleep 500
    IntOp $2 $2 + 1
  ${LoopUntil} $2 > ${WAIT_TURNS}
FunctionEnd

; $R0, with all that is in it. What is still held after that goes with the next upgrade, or with the uninstallation.
Function ${UN}RemoveFolder
  StrCpy $2 0
  ${DoWhile} ${FileExists} "$R0\*.*"
    RMDir /r $R0
    IntOp $2 $2 + 1
    ${If} $2 > ${WAIT_TURNS}
      Return
    ${EndIf}
    ${If} ${FileExists} "$R0\*.*"
      Sleep 500
    ${EndIf}
  ${Loop}
FunctionEnd

; What ran before goes on: an update that was interrupted continues.
Function ${UN}StartAgain
  ${If} $WasRunning == "yes"
    Exec '"$INSTDIR\${NAME}.exe" tray --hidden'
  ${EndIf}
FunctionEnd
!macroend
!insertmacro Common ""
!insertmacro Common "un."

Section "${NAME}" PROGRAM
  SectionIn RO
  Call MendInterrupted
  Call Unpack
  ${If} ${FileExists} "$INSTDIR\${NAME}.exe"
    Call EndRunningCopy
    ${If} $0 == "held"
      Call StartAgain
      !insertmacro Refuse "${IN_USE}"
    ${EndIf}
  ${EndIf}
  Call TakePlace
  Call MakeKnown
SectionEnd

Section /o "Start when I log in" AT_LOGIN
  WriteRegStr HKCU "${RUN_KEY}" "${NAME}" '"$INSTDIR\${NAME}.exe" tray --hidden'
SectionEnd

Section "-"
  ${IfNot} ${SectionIsSelected} ${AT_LOGIN}
    DeleteRegValue HKCU "${RUN_KEY}" "${NAME}"
  ${EndIf}
  Call StartAgain
  Delete "${LOG}"
SectionEnd

Function .onInit
  StrCpy $WasRunning "no"
  StrCpy $Reason ""
  System::Call 'kernel32::CreateMutexW(p 0, i 0, w "${APP_ID}.setup") p .r1 ?e'
  Pop $2
  ${If} $2 = 183 ; ERROR_ALREADY_EXISTS
    !insertmacro Refuse "The setup of ${NAME} runs already. Wait until it has ended."
  ${EndIf}
  ReadRegStr $1 HKCU "${UNINSTALL_KEY}" "DisplayVersion"
  ${If} $1 != ""
  ${AndIf} ${FileExists} "$INSTDIR\${NAME}.exe"
    ${VersionCompare} "$1" "${VERSION}" $2
    ${If} $2 == 1
      !insertmacro Refuse "Version $1 of ${NAME} is installed, which is newer than this one (${VERSION}). Nothing was changed. Uninstall it first if you want the older version; your data stay."
    ${EndIf}
  ${EndIf}
  ${If} ${FileExists} "$INSTDIR\*.*"
  ${AndIfNot} ${FileExists} "$INSTDIR\${NAME}.exe"
    ClearErrors
    RMDir "$INSTDIR" ; only an empty one goes
    ${If} ${Errors}
      !insertmacro Refuse "$INSTDIR holds something else than ${NAME}. Nothing was changed. Name another folder, or empty this one."
    ${EndIf}
  ${EndIf}
  Call TickLogin
FunctionEnd

; As it is so far, or as the command line says.
Function TickLogin
  ${GetParameters} $1
  ClearErrors
  ${GetOptions} $1 "/ATLOGIN" $2
  ${If} ${Errors}
    ClearErrors
    ReadRegStr $2 HKCU "${RUN_KEY}" "${NAME}"
  ${EndIf}
  ${IfNot} ${Errors}
    !insertmacro SelectSection ${AT_LOGIN}
  ${EndIf}
FunctionEnd

; The program has not been touched yet, or stands again in its place: only what was unpacked is in the way.
Function .onInstFailed
  SetOutPath "$TEMP"
  StrCpy $R0 "$INSTDIR.new"
  Call RemoveFolder
  ${If} $Reason == "" ; a file could not be written
    FileOpen $Log "${LOG}" w
    FileWriteUTF16LE /BOM $Log "The program could not be unpacked to $INSTDIR.new. Nothing was changed. Make room on the disk, then try again.$\r$\n"
    FileClose $Log
  ${EndIf}
FunctionEnd

; The power failed between the two renames of an earlier run.
Function MendInterrupted
  ${If} ${FileExists} "$INSTDIR.old\${NAME}.exe"
  ${AndIfNot} ${FileExists} "$INSTDIR\*.*"
    StrCpy $R0 "$INSTDIR.old"
    StrCpy $R1 "$INSTDIR"
    Call MoveFolder
  ${EndIf}
  StrCpy $R0 "$INSTDIR.old"
  Call RemoveFolder
  StrCpy $R0 "$INSTDIR.new"
  Call RemoveFolder
FunctionEnd

; The new version, beside the old one.
Function Unpack
  ClearErrors
  CreateDirectory "$INSTDIR.new"
  ${If} ${Errors}
    !insertmacro Refuse "$INSTDIR.new cannot be made. Nothing was changed. Check the rights to the folder that it lies in, and whether the disk is full."
  ${EndIf}
  System::Call 'kernel32::GetDiskFreeSpaceExW(w "$INSTDIR.new", *l .r1, p 0, p 0) i .r2'
  System::Int64Op $1 >> 20
  Pop $1
  ${If} $2 <> 0
  ${AndIf} $1 < ${MEBIBYTES}
    !insertmacro Refuse "The disk of $INSTDIR has $1 MB left, and ${NAME} needs ${MEBIBYTES} MB. Nothing was changed. Make room, then try again."
  ${EndIf}
  SetOutPath "$INSTDIR.new"
  ClearErrors
  File /r "${DIST}\*"
  File "/oname=notification.png" "${PICTURE}"
  WriteUninstaller "$INSTDIR.new\uninstall.exe"
  ${If} ${Errors}
    SetOutPath "$TEMP"
    !insertmacro Refuse "The program could not be unpacked to $INSTDIR.new. Nothing was changed. Make room on the disk or check the rights to that folder, then try again."
  ${EndIf}
  SetOutPath "$TEMP"
FunctionEnd

Function TakePlace
  ${If} ${FileExists} "$INSTDIR\*.*"
    StrCpy $R0 "$INSTDIR"
    StrCpy $R1 "$INSTDIR.old"
    Call MoveFolder
    ${If} $0 == "held"
      Call StartAgain
      !insertmacro Refuse "${IN_USE}"
    ${EndIf}
  ${EndIf}
  StrCpy $R0 "$INSTDIR.new"
  StrCpy $R1 "$INSTDIR"
  Call MoveFolder
  ${If} $0 == "held"
    StrCpy $R0 "$INSTDIR.old"
    Call MoveFolder
    Call StartAgain
    !insertmacro Refuse "The new version could not be put into $INSTDIR. The installed version was left as it is. Try again in a minute."
  ${EndIf}
  StrCpy $R0 "$INSTDIR.old"
  Call RemoveFolder
FunctionEnd

; To people, and to Windows.
Function MakeKnown
  Call MakeShortcut
  WriteRegStr HKCU "${IDENTITY_KEY}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${IDENTITY_KEY}" "IconUri" "$INSTDIR\notification.png"
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
FunctionEnd

; The Start menu entry carries the identity that the program gives itself: then Windows takes them for one.
Function MakeShortcut
  CreateShortcut "${SHORTCUT}" "$INSTDIR\${NAME}.exe"
  !insertmacro ComHlpr_CreateInProcInstance ${CLSID_ShellLink} ${IID_IShellLink} r0 ""
  ${If} $0 P<> 0
    ${IUnknown::QueryInterface} $0 '("${IID_IPersistFile}",.r1)'
    ${IUnknown::QueryInterface} $0 '("${IID_IPropertyStore}",.r2)'
    ${If} $1 P<> 0
    ${AndIf} $2 P<> 0
      ${IPersistFile::Load} $1 '("${SHORTCUT}", ${STGM_READWRITE})'
      System::Call '*(&w${NSIS_MAX_STRLEN} "${APP_ID}") p .r5'
      System::Call '*${SYSSTRUCT_PROPERTYKEY}(${PKEY_AppUserModel_ID}) p .r3'
      System::Call '*${SYSSTRUCT_PROPVARIANT}(${VT_LPWSTR},,p r5) p .r4'
      ${IPropertyStore::SetValue} $2 '($3,$4)'
      ${IPropertyStore::Commit} $2 ""
      ${IPersistFile::Save} $1 '("${SHORTCUT}",1)'
      System::Free $3
      System::Free $4
      System::Free $5
    ${EndIf}
    ${If} $2 P<> 0
      ${IUnknown::Release} $2 ""
    ${EndIf}
    ${If} $1 P<> 0
      ${IUnknown::Release} $1 ""
    ${EndIf}
    ${IUnknown::Release} $0 ""
  ${EndIf}
FunctionEnd

Section "un.${NAME}" UN_PROGRAM
  SectionIn RO
  SetOutPath "$TEMP"
  Call un.EndRunningCopy
  ${If} $0 == "free"
    StrCpy $R0 "$INSTDIR"
    StrCpy $R1 "$INSTDIR.old"
    Call un.MoveFolder ; all of it or nothing
  ${EndIf}
  ${If} $0 == "held"
    Call un.StartAgain
    !insertmacro Refuse "A file of ${NAME} is still in use. Nothing was removed. Try again in a minute."
  ${EndIf}
  StrCpy $R0 "$INSTDIR.old"
  Call un.RemoveFolder
  Delete "${SHORTCUT}"
  DeleteRegValue HKCU "${RUN_KEY}" "${NAME}"
  DeleteRegValue HKCU "${APPROVED_KEY}" "${NAME}"
  DeleteRegKey HKCU "${IDENTITY_KEY}"
  DeleteRegKey HKCU "${UNINSTALL_KEY}"
  Delete "${LOG}"
SectionEnd

Section /o "un.My data and settings too" UN_DATA
  RMDir /r "${DATA}"
  System::Call 'advapi32::CredDeleteW(w "${NAME}", i 1, i 0)' ; the key for NVD, a generic one, in the Credential Manager
SectionEnd

Function un.onInit
  ${un.GetParameters} $1
  ClearErrors
  ${un.GetOptions} $1 "/DATA" $2
  ${IfNot} ${Errors}
    !insertmacro SelectSection ${UN_DATA}
  ${EndIf}
FunctionEnd
