; A small program whose installer adds it to the list of installed programs, for the machine or for the user (USER), in
; the keys of 32-bit or of 64-bit programs (VIEW). Needs NAME, PUBLISHER, VERSION, FOLDER and OUT.
Unicode true
SilentInstall silent
SilentUnInstall silent
SetCompress off
Name "${NAME}"
OutFile "${OUT}"
InstallDir "${FOLDER}"
!ifdef USER
  RequestExecutionLevel user
  !define HIVE HKCU
!else
  RequestExecutionLevel admin
  !define HIVE HKLM
!endif
!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"

Section
  SetRegView ${VIEW}
  SetOutPath $INSTDIR
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr ${HIVE} "${KEY}" "DisplayName" "${NAME}"
  WriteRegStr ${HIVE} "${KEY}" "Publisher" "${PUBLISHER}"
  WriteRegStr ${HIVE} "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegExpandStr ${HIVE} "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegDWORD ${HIVE} "${KEY}" "NoModify" 1
SectionEnd

Section "Uninstall"
  SetRegView ${VIEW}
  DeleteRegKey ${HIVE} "${KEY}"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
SectionEnd
