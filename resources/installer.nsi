; The installer, for the current user and without administrator rights. Built by resources/build.py, which passes the
; definitions of resources/installer.py: NAME, PUBLISHER and VERSION (for the list of installed programs), DIST (the
; frozen program's folder), OUT (the installer's path), KIBIBYTES (the program's size), ICON (the same picture is beside
; it as PNG) and, where there is a certificate, SIGN (the command line that signs the uninstaller).
;
; The new version is unpacked beside the old one and replaces it by two renames. At every moment one complete version
; exists, and no file of the old version remains in the new one.
;
; /S        silent
; /ATLOGIN  turn on "start when I log in"; otherwise it is off, and an upgrade does not change it
; /DATA     (uninstaller) remove data and settings too
; Exit codes: 0 done, 2 nothing was changed; the reason is in $TEMP\OpenThreat-setup.log.

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

!define APP_ID "OpenThreat.Desktop"     ; as in desktop/host/session_windows.py: Windows assigns notifications by it
!define WINDOWS_KEY "Software\Microsoft\Windows\CurrentVersion"
!define UNINSTALL_KEY "${WINDOWS_KEY}\Uninstall\${NAME}"
!define RUN_KEY "${WINDOWS_KEY}\Run"
!define APPROVED_KEY "${WINDOWS_KEY}\Explorer\StartupApproved\Run"
!define IDENTITY_KEY "Software\Classes\AppUserModelId\${APP_ID}"
!define DATA "$LOCALAPPDATA\${NAME}"
!define SHORTCUT "$SMPROGRAMS\${NAME}.lnk"
!define LOG "$TEMP\${NAME}-setup.log"
!define /ifndef WAIT_TURNS 120          ; of 0.5 s each, while a file is still open
!searchreplace PICTURE "${ICON}" ".ico" ".png"
!define /math MEBIBYTES ${KIBIBYTES} / 1024

!ifdef SIGN
  !uninstfinalize `${SIGN} "%1"` = 0
!endif

!define IN_USE "A file of the installed ${NAME} is still in use, perhaps by a virus scanner. The installed version was not changed. Try again in a minute."

Name "${NAME}"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
InstallDirRegKey HKCU "${UNINSTALL_KEY}" "InstallLocation"
BrandingText "${NAME} ${VERSION}"
ShowInstDetails nevershow
ShowUninstDetails nevershow

VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "CompanyName" "${PUBLISHER}"
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

; Shows and logs why nothing was changed, and ends.
!macro Refuse SENTENCE
  StrCpy $Reason "${SENTENCE}"
  FileOpen $Log "${LOG}" w
  FileWriteUTF16LE /BOM $Log "$Reason$\r$\n"
  FileClose $Log
  MessageBox MB_ICONEXCLAMATION|MB_OK "$Reason" /SD IDOK
  SetErrorLevel 2
  Abort
!macroend

; Functions of both installer and uninstaller. $INSTDIR is never the working folder of a process here.
!macro Common UN
; A running .exe can be renamed, so it is opened for writing to check that it has ended. Sets $0 to "free" or "held".
Function ${UN}LookForOpenFiles
  StrCpy $R2 "free" ; Locate changes all registers but $R0 to $R5
  ${${UN}Locate} "$INSTDIR" "/L=F /M=*.*" "${UN}LookAtFile"
  StrCpy $0 $R2
FunctionEnd

; $R9: path, $R7: name. A running uninstaller keeps its own file open.
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

; Asks a running copy to end, through its control port, and waits until no file of the program is open.
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

; Renames $R0 to $R1. Windows refuses while a file in it is open, e.g. by a virus scanner. $0 as above.
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

; Deletes $R0. Files that stay open are deleted by the next upgrade or by the uninstaller.
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

; Starts the program again if it ran; an interrupted update continues.
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
  Call RepairInterrupted
  Call Unpack
  ${If} ${FileExists} "$INSTDIR\${NAME}.exe"
    Call EndRunningCopy
    ${If} $0 == "held"
      Call StartAgain
      !insertmacro Refuse "${IN_USE}"
    ${EndIf}
  ${EndIf}
  Call TakePlace
  Call Register
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
    !insertmacro Refuse "Another setup of ${NAME} is running. Wait until it has ended."
  ${EndIf}
  ReadRegStr $1 HKCU "${UNINSTALL_KEY}" "DisplayVersion"
  ${If} $1 != ""
  ${AndIf} ${FileExists} "$INSTDIR\${NAME}.exe"
    ${VersionCompare} "$1" "${VERSION}" $2
    ${If} $2 == 1
      !insertmacro Refuse "Version $1 of ${NAME} is installed, which is newer than this one (${VERSION}). Nothing was changed. Uninstall it first if you want the older version; your data are kept."
    ${EndIf}
  ${EndIf}
  ${If} ${FileExists} "$INSTDIR\*.*"
  ${AndIfNot} ${FileExists} "$INSTDIR\${NAME}.exe"
    ClearErrors
    RMDir "$INSTDIR" ; only an empty one goes
    ${If} ${Errors}
      !insertmacro Refuse "$INSTDIR contains files that do not belong to ${NAME}. Nothing was changed. Choose another folder, or empty this one."
    ${EndIf}
  ${EndIf}
  Call TickLogin
FunctionEnd

; The current setting, or the one on the command line.
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

; The program is unchanged, or was restored: only the unpacked files are left to delete.
Function .onInstFailed
  SetOutPath "$TEMP"
  StrCpy $R0 "$INSTDIR.new"
  Call RemoveFolder
  ${If} $Reason == "" ; a file could not be written
    FileOpen $Log "${LOG}" w
    FileWriteUTF16LE /BOM $Log "The program could not be unpacked to $INSTDIR.new. Nothing was changed. Free disk space and try again.$\r$\n"
    FileClose $Log
  ${EndIf}
FunctionEnd

; Repairs an earlier run that ended between the two renames, e.g. by a power failure.
Function RepairInterrupted
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

; Unpacks the new version beside the old one.
Function Unpack
  ClearErrors
  CreateDirectory "$INSTDIR.new"
  ${If} ${Errors}
    !insertmacro Refuse "$INSTDIR.new cannot be created. Nothing was changed. Check the permissions of its folder and the free disk space."
  ${EndIf}
  System::Call 'kernel32::GetDiskFreeSpaceExW(w "$INSTDIR.new", *l .r1, p 0, p 0) i .r2'
  System::Int64Op $1 >> 20
  Pop $1
  ${If} $2 <> 0
  ${AndIf} $1 < ${MEBIBYTES}
    !insertmacro Refuse "The disk of $INSTDIR has $1 MB free, but ${NAME} needs ${MEBIBYTES} MB. Nothing was changed. Free disk space and try again."
  ${EndIf}
  SetOutPath "$INSTDIR.new"
  ClearErrors
  File /r "${DIST}\*"
  File "/oname=notification.png" "${PICTURE}"
  WriteUninstaller "$INSTDIR.new\uninstall.exe"
  ${If} ${Errors}
    SetOutPath "$TEMP"
    !insertmacro Refuse "The program could not be unpacked to $INSTDIR.new. Nothing was changed. Free disk space or check the permissions of that folder, and try again."
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
    !insertmacro Refuse "The new version could not be moved to $INSTDIR. The installed version was not changed. Try again in a minute."
  ${EndIf}
  StrCpy $R0 "$INSTDIR.old"
  Call RemoveFolder
FunctionEnd

; Registers the program: Start menu, notifications, installed apps.
Function Register
  Call MakeShortcut
  WriteRegStr HKCU "${IDENTITY_KEY}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${IDENTITY_KEY}" "IconUri" "$INSTDIR\notification.png"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\${NAME}.exe"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "Publisher" "${PUBLISHER}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "EstimatedSize" ${KIBIBYTES}
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoRepair" 1
FunctionEnd

; The Start menu entry has the same application id as the program, so that Windows shows both as one.
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
