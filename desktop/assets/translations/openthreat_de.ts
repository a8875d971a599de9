<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE">
<context>
    <name>AboutSection</name>
    <message>
        <source>A new version is never installed by itself.</source>
        <translation>Eine neue Version wird nie von selbst installiert.</translation>
    </message>
    <message>
        <source>Check for new versions once a day</source>
        <translation>Einmal am Tag nach neuen Versionen suchen</translation>
    </message>
    <message>
        <source>Data folder</source>
        <translation>Datenordner</translation>
    </message>
    <message>
        <source>Database: {0}</source>
        <translation>Datenbank: {0}</translation>
    </message>
    <message>
        <source>Licences</source>
        <translation>Lizenzen</translation>
    </message>
    <message>
        <source>Logs</source>
        <translation>Protokolle</translation>
    </message>
    <message>
        <source>Open download page</source>
        <translation>Download-Seite öffnen</translation>
    </message>
</context>
<context>
    <name>AppearanceSection</name>
    <message>
        <source>&amp;Language</source>
        <translation>S&amp;prache</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>&amp;Farbschema</translation>
    </message>
    <message>
        <source>Start at sign-in, without a window</source>
        <translation>Bei der Anmeldung ohne Fenster starten</translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Details</source>
        <translation>Details</translation>
    </message>
</context>
<context>
    <name>BundleSection</name>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Checking the file</source>
        <translation>Datei wird geprüft</translation>
    </message>
    <message>
        <source>Data of OpenThreat (*{0})</source>
        <translation>Daten von OpenThreat (*{0})</translation>
    </message>
    <message>
        <source>Load a file…</source>
        <translation>Datei laden…</translation>
    </message>
    <message>
        <source>Load data</source>
        <translation>Daten laden</translation>
    </message>
    <message>
        <source>Save a file…</source>
        <translation>Datei speichern…</translation>
    </message>
    <message>
        <source>Save all data</source>
        <translation>Alle Daten speichern</translation>
    </message>
    <message>
        <source>Save the data of all sources as one file, a bundle, and load it on a PC without internet. Data that are newer there stay.</source>
        <translation>Die Daten aller Quellen lassen sich als eine Datei speichern, ein Datenpaket, und auf einem PC ohne Internet laden. Neuere Daten dort bleiben.</translation>
    </message>
    <message>
        <source>Saved {0}, {1}</source>
        <translation>Gespeichert: {0}, {1}</translation>
    </message>
    <message>
        <source>Saving. This takes a minute or two.</source>
        <translation>Wird gespeichert. Das dauert ein bis zwei Minuten.</translation>
    </message>
    <message>
        <source>The file is being loaded. The progress is under Tasks.</source>
        <translation>Die Datei wird geladen. Den Fortschritt sehen Sie unter Aufgaben.</translation>
    </message>
    <message>
        <source>The file is loaded when the running update has ended.</source>
        <translation>Die Datei wird geladen, sobald die laufende Aktualisierung beendet ist.</translation>
    </message>
</context>
<context>
    <name>Chips</name>
    <message>
        <source>Clear all</source>
        <translation>Alle entfernen</translation>
    </message>
    <message>
        <source>Remove filter</source>
        <translation>Filter entfernen</translation>
    </message>
    <message>
        <source>Remove filter: {0}</source>
        <translation>Filter entfernen: {0}</translation>
    </message>
</context>
<context>
    <name>ColumnButton</name>
    <message>
        <source>Columns</source>
        <translation>Spalten</translation>
    </message>
    <message>
        <source>Columns. There is no room for: {0}</source>
        <translation>Spalten. Kein Platz für: {0}</translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>Commands</source>
        <translation>Befehle</translation>
    </message>
    <message>
        <source>Nothing fits.</source>
        <translation>Nichts gefunden.</translation>
    </message>
    <message>
        <source>Page, action, ID or words</source>
        <translation>Seite, Aktion, ID oder Wörter</translation>
    </message>
    <message>
        <source>Please wait…</source>
        <translation>Bitte warten…</translation>
    </message>
    <message>
        <source>Search or go to</source>
        <translation>Suchen oder öffnen</translation>
    </message>
</context>
<context>
    <name>CronFields</name>
    <message>
        <source>Cron expression</source>
        <translation>Cron-Ausdruck</translation>
    </message>
    <message>
        <source>Minute, hour, day of the month, month, day of the week</source>
        <translation>Minute, Stunde, Tag des Monats, Monat, Wochentag</translation>
    </message>
</context>
<context>
    <name>DayFields</name>
    <message>
        <source>Every day</source>
        <translation>Jeden Tag</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Uhrzeit</translation>
    </message>
    <message>
        <source>at</source>
        <translation>um</translation>
    </message>
</context>
<context>
    <name>DaysChart</name>
    <message>
        <source>Nothing was published in this period</source>
        <translation>In diesem Zeitraum wurde nichts veröffentlicht</translation>
    </message>
    <message>
        <source>Vulnerabilities published in the last 30 days</source>
        <translation>In den letzten 30 Tagen veröffentlichte Schwachstellen</translation>
    </message>
</context>
<context>
    <name>Deciding</name>
    <message numerus="yes">
        <source>%Ln event(s) marked as read</source>
        <translation>
            <numerusform>%Ln Ereignis als gelesen markiert</numerusform>
            <numerusform>%Ln Ereignisse als gelesen markiert</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln event(s) marked as unread</source>
        <translation>
            <numerusform>%Ln Ereignis als ungelesen markiert</numerusform>
            <numerusform>%Ln Ereignisse als ungelesen markiert</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) acknowledged</source>
        <translation>
            <numerusform>%Ln Schwachstelle zur Kenntnis genommen</numerusform>
            <numerusform>%Ln Schwachstellen zur Kenntnis genommen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) ignored</source>
        <translation>
            <numerusform>%Ln Schwachstelle ignoriert</numerusform>
            <numerusform>%Ln Schwachstellen ignoriert</numerusform>
        </translation>
    </message>
    <message>
        <source>Note saved</source>
        <translation>Notiz gespeichert</translation>
    </message>
    <message>
        <source>Only what is installed can be ignored or have a note. Mark it as read instead.</source>
        <translation>Nur Installiertes kann ignoriert werden oder eine Notiz haben. Markieren Sie es stattdessen als gelesen.</translation>
    </message>
    <message>
        <source>Undone: {0}</source>
        <translation>Rückgängig gemacht: {0}</translation>
    </message>
</context>
<context>
    <name>DecisionPanel</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Ignore</source>
        <translation>Ignorieren</translation>
    </message>
    <message numerus="yes">
        <source>Ignore %Ln vulnerabilit(y|ies)</source>
        <translation>
            <numerusform>%Ln Schwachstelle ignorieren</numerusform>
            <numerusform>%Ln Schwachstellen ignorieren</numerusform>
        </translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Notiz</translation>
    </message>
    <message numerus="yes">
        <source>Note on %Ln vulnerabilit(y|ies)</source>
        <translation>
            <numerusform>Notiz zu %Ln Schwachstelle</numerusform>
            <numerusform>Notiz zu %Ln Schwachstellen</numerusform>
        </translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Grund</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
</context>
<context>
    <name>DiagnosticsPage</name>
    <message numerus="yes">
        <source>%n problem(s)</source>
        <translation>
            <numerusform>%n Problem</numerusform>
            <numerusform>%n Probleme</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n warning(s)</source>
        <translation>
            <numerusform>%n Warnung</numerusform>
            <numerusform>%n Warnungen</numerusform>
        </translation>
    </message>
    <message>
        <source>Check again</source>
        <translation>Erneut prüfen</translation>
    </message>
    <message>
        <source>Check again.</source>
        <translation>Prüfen Sie erneut.</translation>
    </message>
    <message>
        <source>Checking everything…</source>
        <translation>Alles wird geprüft…</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>Wird geprüft…</translation>
    </message>
    <message>
        <source>Checks</source>
        <translation>Prüfungen</translation>
    </message>
    <message>
        <source>Checks the settings, disk, database, services, sources and clock. This takes a few seconds.</source>
        <translation>Prüft die Einstellungen, Datenträger, Datenbank, Dienste, Quellen und Uhr. Das dauert einige Sekunden.</translation>
    </message>
    <message>
        <source>Found: {0}</source>
        <translation>Gefunden: {0}</translation>
    </message>
    <message>
        <source>No checks yet</source>
        <translation>Noch keine Prüfungen</translation>
    </message>
    <message numerus="yes">
        <source>No problems found: %n check(s)</source>
        <translation>
            <numerusform>Keine Probleme gefunden: %n Prüfung</numerusform>
            <numerusform>Keine Probleme gefunden: %n Prüfungen</numerusform>
        </translation>
    </message>
    <message>
        <source>Save report</source>
        <translation>Bericht speichern</translation>
    </message>
    <message>
        <source>Save report…</source>
        <translation>Bericht speichern…</translation>
    </message>
    <message>
        <source>The checks failed</source>
        <translation>Die Prüfung ist fehlgeschlagen</translation>
    </message>
</context>
<context>
    <name>DockerStatus</name>
    <message>
        <source>Check again</source>
        <translation>Erneut prüfen</translation>
    </message>
</context>
<context>
    <name>Editor</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Next five runs</source>
        <translation>Die nächsten fünf Läufe</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
</context>
<context>
    <name>EntryCard</name>
    <message>
        <source>Already running</source>
        <translation>Läuft bereits</translation>
    </message>
    <message>
        <source>Calculating…</source>
        <translation>Wird berechnet…</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>Bearbeiten</translation>
    </message>
    <message>
        <source>Enabled</source>
        <translation>Aktiviert</translation>
    </message>
    <message>
        <source>Last run</source>
        <translation>Letzter Lauf</translation>
    </message>
    <message>
        <source>Next run</source>
        <translation>Nächster Lauf</translation>
    </message>
    <message>
        <source>Not scheduled</source>
        <translation>Nicht geplant</translation>
    </message>
    <message>
        <source>Not supported by this version</source>
        <translation>Von dieser Version nicht unterstützt</translation>
    </message>
    <message>
        <source>Reset to default</source>
        <translation>Auf Standard zurücksetzen</translation>
    </message>
    <message>
        <source>Run now</source>
        <translation>Jetzt ausführen</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>{0} enabled</source>
        <translation>{0} aktiviert</translation>
    </message>
</context>
<context>
    <name>EventActions</name>
    <message>
        <source>Acknowledge</source>
        <translation>Zur Kenntnis nehmen</translation>
    </message>
    <message>
        <source>Ignore…</source>
        <translation>Ignorieren…</translation>
    </message>
    <message>
        <source>Mark as read</source>
        <translation>Als gelesen markieren</translation>
    </message>
    <message>
        <source>Mark as unread</source>
        <translation>Als ungelesen markieren</translation>
    </message>
    <message>
        <source>Note…</source>
        <translation>Notiz…</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
</context>
<context>
    <name>EventList</name>
    <message>
        <source>Events</source>
        <translation>Ereignisse</translation>
    </message>
</context>
<context>
    <name>ExportDone</name>
    <message>
        <source>Dismiss</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
</context>
<context>
    <name>ExportStrip</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Cancelling…</source>
        <translation>Wird abgebrochen…</translation>
    </message>
</context>
<context>
    <name>Exporter</name>
    <message>
        <source>Another export is running</source>
        <translation>Ein anderer Export läuft bereits</translation>
    </message>
    <message>
        <source>CSV files (*.csv)</source>
        <translation>CSV-Dateien (*.csv)</translation>
    </message>
    <message>
        <source>Export vulnerabilities</source>
        <translation>Schwachstellen exportieren</translation>
    </message>
    <message numerus="yes">
        <source>Exported %Ln vulnerabilit(y|ies) to {0}</source>
        <translation>
            <numerusform>%Ln Schwachstelle nach {0} exportiert</numerusform>
            <numerusform>%Ln Schwachstellen nach {0} exportiert</numerusform>
        </translation>
    </message>
    <message>
        <source>Exporting to {0}</source>
        <translation>Export nach {0}</translation>
    </message>
    <message>
        <source>JSON files (*.json)</source>
        <translation>JSON-Dateien (*.json)</translation>
    </message>
    <message>
        <source>The export was cancelled. No file was written.</source>
        <translation>Der Export wurde abgebrochen. Es wurde keine Datei geschrieben.</translation>
    </message>
    <message>
        <source>Wait until it has finished, or cancel it.</source>
        <translation>Warten Sie, bis er beendet ist, oder brechen Sie ihn ab.</translation>
    </message>
</context>
<context>
    <name>Figures</name>
    <message>
        <source>By severity</source>
        <translation>Nach Schweregrad</translation>
    </message>
    <message>
        <source>Exploited by month</source>
        <translation>Ausgenutzte nach Monat</translation>
    </message>
    <message>
        <source>Last 30 days</source>
        <translation>Letzte 30 Tage</translation>
    </message>
    <message>
        <source>Vendors with most</source>
        <translation>Hersteller mit den meisten</translation>
    </message>
    <message>
        <source>exploited</source>
        <translation>ausgenutzt</translation>
    </message>
    <message>
        <source>published</source>
        <translation>veröffentlicht</translation>
    </message>
</context>
<context>
    <name>FilterBar</name>
    <message>
        <source>Exploited</source>
        <translation>Ausgenutzt</translation>
    </message>
    <message>
        <source>Filters</source>
        <translation>Filter</translation>
    </message>
    <message>
        <source>Mine</source>
        <translation>Meine</translation>
    </message>
    <message>
        <source>Show only exploited vulnerabilities</source>
        <translation>Nur ausgenutzte Schwachstellen anzeigen</translation>
    </message>
    <message>
        <source>Show only what is installed on a known PC or watched</source>
        <translation>Nur anzeigen, was auf einem bekannten PC installiert ist oder beobachtet wird</translation>
    </message>
</context>
<context>
    <name>FilterPanel</name>
    <message>
        <source> %</source>
        <translation> %</translation>
    </message>
    <message>
        <source>Add a product</source>
        <translation>Produkt hinzufügen</translation>
    </message>
    <message>
        <source>Add a status</source>
        <translation>Status hinzufügen</translation>
    </message>
    <message>
        <source>Add a vendor</source>
        <translation>Hersteller hinzufügen</translation>
    </message>
    <message>
        <source>Any</source>
        <translation>Beliebig</translation>
    </message>
    <message>
        <source>Any date</source>
        <translation>Beliebiges Datum</translation>
    </message>
    <message>
        <source>Changed on or after</source>
        <translation>Geändert ab</translation>
    </message>
    <message>
        <source>Due before</source>
        <translation>Fällig vor</translation>
    </message>
    <message>
        <source>Known exploited</source>
        <translation>Bekannt ausgenutzt</translation>
    </message>
    <message>
        <source>Listed by CISA before</source>
        <translation>Von CISA gelistet vor</translation>
    </message>
    <message>
        <source>Listed by CISA on or after</source>
        <translation>Von CISA gelistet ab</translation>
    </message>
    <message>
        <source>Mine</source>
        <translation>Meine</translation>
    </message>
    <message>
        <source>Minimum CVSS score</source>
        <translation>CVSS-Wert mindestens</translation>
    </message>
    <message>
        <source>Minimum EPSS score</source>
        <translation>EPSS-Wert mindestens</translation>
    </message>
    <message>
        <source>Minimum priority</source>
        <translation>Priorität mindestens</translation>
    </message>
    <message>
        <source>NVD's status</source>
        <translation>NVD-Status</translation>
    </message>
    <message>
        <source>No</source>
        <translation>Nein</translation>
    </message>
    <message>
        <source>Not known</source>
        <translation>Nicht bekannt</translation>
    </message>
    <message>
        <source>Only what concerns me</source>
        <translation>Nur was mich betrifft</translation>
    </message>
    <message>
        <source>Product</source>
        <translation>Produkt</translation>
    </message>
    <message>
        <source>Published before</source>
        <translation>Veröffentlicht vor</translation>
    </message>
    <message>
        <source>Published on or after</source>
        <translation>Veröffentlicht ab</translation>
    </message>
    <message>
        <source>Rejected</source>
        <translation>Abgelehnt</translation>
    </message>
    <message>
        <source>Severity</source>
        <translation>Schweregrad</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>Kennzeichen</translation>
    </message>
    <message>
        <source>Triage</source>
        <translation>Triage</translation>
    </message>
    <message>
        <source>Used by ransomware</source>
        <translation>Von Ransomware genutzt</translation>
    </message>
    <message>
        <source>Vendor</source>
        <translation>Hersteller</translation>
    </message>
    <message>
        <source>Weakness</source>
        <translation>Schwäche</translation>
    </message>
    <message>
        <source>Yes</source>
        <translation>Ja</translation>
    </message>
</context>
<context>
    <name>Finder</name>
    <message>
        <source>Find in this log</source>
        <translation>In diesem Protokoll suchen</translation>
    </message>
    <message>
        <source>Next (Enter)</source>
        <translation>Nächster Treffer (Eingabe)</translation>
    </message>
    <message>
        <source>No matches</source>
        <translation>Keine Treffer</translation>
    </message>
    <message>
        <source>Previous (Shift+Enter)</source>
        <translation>Voriger Treffer (Umschalt+Eingabe)</translation>
    </message>
    <message>
        <source>{0} found</source>
        <translation>{0} Treffer</translation>
    </message>
</context>
<context>
    <name>FindingDecisions</name>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) acknowledged.</source>
        <translation>
            <numerusform>%Ln Schwachstelle zur Kenntnis genommen.</numerusform>
            <numerusform>%Ln Schwachstellen zur Kenntnis genommen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) ignored.</source>
        <translation>
            <numerusform>%Ln Schwachstelle ignoriert.</numerusform>
            <numerusform>%Ln Schwachstellen ignoriert.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) opened again.</source>
        <translation>
            <numerusform>%Ln Schwachstelle wieder geöffnet.</numerusform>
            <numerusform>%Ln Schwachstellen wieder geöffnet.</numerusform>
        </translation>
    </message>
    <message>
        <source>None of these is installed on a known PC, so there is nothing to decide.</source>
        <translation>Nichts davon ist auf einem bekannten PC installiert, also gibt es nichts zu entscheiden.</translation>
    </message>
    <message numerus="yes">
        <source>Note saved on %Ln vulnerabilit(y|ies).</source>
        <translation>
            <numerusform>Notiz zu %Ln Schwachstelle gespeichert.</numerusform>
            <numerusform>Notiz zu %Ln Schwachstellen gespeichert.</numerusform>
        </translation>
    </message>
    <message>
        <source>Taken back.</source>
        <translation>Zurückgenommen.</translation>
    </message>
</context>
<context>
    <name>FindingTable</name>
    <message>
        <source>Vulnerabilities of the program</source>
        <translation>Schwachstellen des Programms</translation>
    </message>
</context>
<context>
    <name>FirstStartPage</name>
    <message>
        <source>OpenThreat will wait until Docker is available.</source>
        <translation>OpenThreat wartet, bis Docker verfügbar ist.</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>The data are stored {0} and take about {1} GB.</source>
        <translation>Die Daten liegen {0} und belegen etwa {1} GB.</translation>
    </message>
    <message>
        <source>The first update then starts by itself and downloads about {0} GB. What is being exploited is there within a minute, the newest years follow, and all is there after 10 to 30 minutes. Later updates are small.</source>
        <translation>Danach beginnt die erste Aktualisierung von selbst und lädt etwa {0} GB herunter. Was ausgenutzt wird, ist innerhalb einer Minute da, dann folgen die neuesten Jahre, und nach 10 bis 30 Minuten ist alles da. Spätere Aktualisierungen sind klein.</translation>
    </message>
    <message>
        <source>Welcome to OpenThreat</source>
        <translation>Willkommen bei OpenThreat</translation>
    </message>
    <message>
        <source>Where should OpenThreat store its data? You can change this later in Settings.</source>
        <translation>Wo soll OpenThreat seine Daten speichern? Sie können das später in den Einstellungen ändern.</translation>
    </message>
    <message>
        <source>{0} (recommended)</source>
        <translation>{0} (empfohlen)</translation>
    </message>
</context>
<context>
    <name>FoldedFigures</name>
    <message numerus="yes">
        <source>%Ln critical</source>
        <translation>
            <numerusform>%Ln kritisch</numerusform>
            <numerusform>%Ln kritisch</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln known exploited</source>
        <translation>
            <numerusform>%Ln bekannt ausgenutzt</numerusform>
            <numerusform>%Ln bekannt ausgenutzt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln new in 30 days</source>
        <translation>
            <numerusform>%Ln neu in 30 Tagen</numerusform>
            <numerusform>%Ln neu in 30 Tagen</numerusform>
        </translation>
    </message>
    <message>
        <source>Figures</source>
        <translation>Zahlen</translation>
    </message>
</context>
<context>
    <name>FoldedText</name>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
</context>
<context>
    <name>Footer</name>
    <message>
        <source>Update now</source>
        <translation>Jetzt aktualisieren</translation>
    </message>
    <message>
        <source>Updating…</source>
        <translation>Wird aktualisiert…</translation>
    </message>
</context>
<context>
    <name>ForeignCard</name>
    <message>
        <source>Running: {0}</source>
        <translation>Läuft: {0}</translation>
    </message>
</context>
<context>
    <name>GroupBar</name>
    <message>
        <source>Groups of programs</source>
        <translation>Programmgruppen</translation>
    </message>
</context>
<context>
    <name>History</name>
    <message>
        <source>Loading the history…</source>
        <translation>Verlauf wird geladen…</translation>
    </message>
    <message>
        <source>No matching runs</source>
        <translation>Keine passenden Läufe</translation>
    </message>
    <message>
        <source>No runs yet</source>
        <translation>Noch keine Läufe</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>Scheduled and manual runs are listed here.</source>
        <translation>Hier stehen geplante und manuelle Läufe.</translation>
    </message>
    <message>
        <source>Show all runs</source>
        <translation>Alle Läufe anzeigen</translation>
    </message>
    <message>
        <source>The history could not be loaded</source>
        <translation>Der Verlauf konnte nicht geladen werden</translation>
    </message>
</context>
<context>
    <name>HourFields</name>
    <message>
        <source>Every few hours</source>
        <translation>Alle paar Stunden</translation>
    </message>
    <message>
        <source>Hours between runs</source>
        <translation>Stunden zwischen den Läufen</translation>
    </message>
    <message>
        <source>Minutes past the hour</source>
        <translation>Minuten nach der vollen Stunde</translation>
    </message>
    <message>
        <source>hours, at minute</source>
        <translation>Stunden, zur Minute</translation>
    </message>
</context>
<context>
    <name>IgnoreForm</name>
    <message>
        <source>&amp;Reason</source>
        <translation>&amp;Grund</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>For example: not reachable from the network</source>
        <translation>Zum Beispiel: aus dem Netz nicht erreichbar</translation>
    </message>
    <message>
        <source>Ignore</source>
        <translation>Ignorieren</translation>
    </message>
    <message>
        <source>Un&amp;til</source>
        <translation>&amp;Dauer</translation>
    </message>
</context>
<context>
    <name>IgnoreUntil</name>
    <message>
        <source>Ignore until</source>
        <translation>Wie lange ignorieren</translation>
    </message>
    <message>
        <source>for 1 year</source>
        <translation>für 1 Jahr</translation>
    </message>
    <message>
        <source>for 30 days</source>
        <translation>für 30 Tage</translation>
    </message>
    <message>
        <source>for 7 days</source>
        <translation>für 7 Tage</translation>
    </message>
    <message>
        <source>for 90 days</source>
        <translation>für 90 Tage</translation>
    </message>
    <message>
        <source>until I change it</source>
        <translation>bis ich es ändere</translation>
    </message>
</context>
<context>
    <name>Importer</name>
    <message numerus="yes">
        <source>%Ln skipped.</source>
        <translation>
            <numerusform>%Ln übersprungen.</numerusform>
            <numerusform>%Ln übersprungen.</numerusform>
        </translation>
    </message>
    <message>
        <source>Import a list of installed programs</source>
        <translation>Liste installierter Programme importieren</translation>
    </message>
    <message numerus="yes">
        <source>{0}: %Ln program(s) imported.</source>
        <translation>
            <numerusform>{0}: %Ln Programm importiert.</numerusform>
            <numerusform>{0}: %Ln Programme importiert.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>InboxPage</name>
    <message>
        <source>Mark all as read</source>
        <translation>Alle als gelesen markieren</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
</context>
<context>
    <name>InboxSection</name>
    <message>
        <source> days</source>
        <translation> Tage</translation>
    </message>
    <message>
        <source>A vulnerability becomes known as exploited</source>
        <translation>Eine Schwachstelle wird als ausgenutzt bekannt</translation>
    </message>
    <message>
        <source>A vulnerability is new and critical</source>
        <translation>Eine Schwachstelle ist neu und kritisch</translation>
    </message>
    <message>
        <source>An event is written when:</source>
        <translation>In diesen Fällen entsteht ein Ereignis:</translation>
    </message>
    <message>
        <source>CISA's due date is as near as</source>
        <translation>Bis zur Frist der CISA bleiben höchstens</translation>
    </message>
    <message>
        <source>Days before CISA's due date</source>
        <translation>Tage vor der Frist der CISA</translation>
    </message>
    <message>
        <source>EPSS estimates how likely a vulnerability is to be exploited in the next 30 days.</source>
        <translation>EPSS schätzt, wie wahrscheinlich eine Schwachstelle in den nächsten 30 Tagen ausgenutzt wird.</translation>
    </message>
    <message>
        <source>EPSS score that is an event when it is reached</source>
        <translation>EPSS-Wert, ab dem ein Ereignis entsteht</translation>
    </message>
    <message>
        <source>Rise of the EPSS score in a day that is an event</source>
        <translation>Anstieg des EPSS-Werts an einem Tag, ab dem ein Ereignis entsteht</translation>
    </message>
    <message>
        <source>The EPSS score reaches</source>
        <translation>Der EPSS-Wert erreicht</translation>
    </message>
    <message>
        <source>The EPSS score rises in a day by</source>
        <translation>Der EPSS-Wert steigt an einem Tag um</translation>
    </message>
</context>
<context>
    <name>LastRun</name>
    <message>
        <source>Never</source>
        <translation>Nie</translation>
    </message>
    <message>
        <source>{0}: show run</source>
        <translation>{0}: Lauf anzeigen</translation>
    </message>
</context>
<context>
    <name>ListView</name>
    <message>
        <source>Vulnerabilities</source>
        <translation>Schwachstellen</translation>
    </message>
</context>
<context>
    <name>LogText</name>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
</context>
<context>
    <name>LogsPage</name>
    <message numerus="yes">
        <source>%n error(s)</source>
        <translation>
            <numerusform>%n Fehler</numerusform>
            <numerusform>%n Fehler</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n new line(s)</source>
        <translation>
            <numerusform>%n neue Zeile</numerusform>
            <numerusform>%n neue Zeilen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n warning(s)</source>
        <translation>
            <numerusform>%n Warnung</numerusform>
            <numerusform>%n Warnungen</numerusform>
        </translation>
    </message>
    <message>
        <source>All levels</source>
        <translation>Alle Stufen</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Errors only</source>
        <translation>Nur Fehler</translation>
    </message>
    <message>
        <source>Follow</source>
        <translation>Mitlesen</translation>
    </message>
    <message>
        <source>Information and above</source>
        <translation>Ab Information</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>Stufe</translation>
    </message>
    <message>
        <source>Lines appear here as soon as this service writes them.</source>
        <translation>Zeilen erscheinen hier, sobald dieser Dienst sie schreibt.</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>No errors or warnings in the last {0} lines</source>
        <translation>Keine Fehler oder Warnungen in den letzten {0} Zeilen</translation>
    </message>
    <message>
        <source>No lines at this level</source>
        <translation>Keine Zeilen dieser Stufe</translation>
    </message>
    <message>
        <source>Nothing logged yet</source>
        <translation>Noch nichts protokolliert</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>OpenThreat</source>
        <translation>OpenThreat</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>This log could not be read</source>
        <translation>Dieses Protokoll konnte nicht gelesen werden</translation>
    </message>
    <message>
        <source>Warnings and above</source>
        <translation>Ab Warnung</translation>
    </message>
    <message>
        <source>{0} in the last {1} lines</source>
        <translation>{0} in den letzten {1} Zeilen</translation>
    </message>
</context>
<context>
    <name>MachineCard</name>
    <message>
        <source>CPUs</source>
        <translation>Prozessoren</translation>
    </message>
    <message>
        <source>Data folder</source>
        <translation>Datenordner</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation>Datenträger</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Arbeitsspeicher</translation>
    </message>
    <message>
        <source>OpenThreat</source>
        <translation>OpenThreat</translation>
    </message>
    <message>
        <source>Python and Qt</source>
        <translation>Python und Qt</translation>
    </message>
    <message>
        <source>System</source>
        <translation>System</translation>
    </message>
    <message>
        <source>This PC</source>
        <translation>Dieser PC</translation>
    </message>
    <message>
        <source>Time zone</source>
        <translation>Zeitzone</translation>
    </message>
    <message>
        <source>{0} (from source)</source>
        <translation>{0} (aus dem Quelltext)</translation>
    </message>
    <message>
        <source>{0} (installed)</source>
        <translation>{0} (installiert)</translation>
    </message>
    <message>
        <source>{0} of {1} free</source>
        <translation>{0} von {1} frei</translation>
    </message>
</context>
<context>
    <name>MachineChoice</name>
    <message>
        <source>Machine</source>
        <translation>Rechner</translation>
    </message>
</context>
<context>
    <name>MailForm</name>
    <message>
        <source>&amp;Encryption</source>
        <translation>&amp;Verschlüsselung</translation>
    </message>
    <message>
        <source>&amp;From</source>
        <translation>A&amp;bsender</translation>
    </message>
    <message>
        <source>&amp;To, separated by commas</source>
        <translation>&amp;Empfänger, durch Kommas getrennt</translation>
    </message>
    <message>
        <source>&amp;User (if required)</source>
        <translation>&amp;Benutzer (falls nötig)</translation>
    </message>
    <message>
        <source>Enter at least one recipient.</source>
        <translation>Geben Sie mindestens einen Empfänger ein.</translation>
    </message>
    <message>
        <source>Enter the name of the mail server, such as mail.example.org.</source>
        <translation>Geben Sie den Namen des Mailservers ein, etwa mail.example.org.</translation>
    </message>
    <message>
        <source>Mail &amp;server (SMTP)</source>
        <translation>Mail&amp;server (SMTP)</translation>
    </message>
    <message>
        <source>Mail each report</source>
        <translation>Jeden Bericht als E-Mail senden</translation>
    </message>
    <message>
        <source>No keyring is available. The password is saved in a file that only you can read.</source>
        <translation>Es ist kein Schlüsselbund verfügbar. Das Kennwort ist in einer Datei gespeichert, die nur Sie lesen können.</translation>
    </message>
    <message>
        <source>P&amp;ort</source>
        <translation>P&amp;ort</translation>
    </message>
    <message>
        <source>Pass&amp;word</source>
        <translation>Kenn&amp;wort</translation>
    </message>
    <message>
        <source>Remove password</source>
        <translation>Kennwort entfernen</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Send a test mail</source>
        <translation>Test-E-Mail senden</translation>
    </message>
    <message>
        <source>Sending…</source>
        <translation>Wird gesendet …</translation>
    </message>
    <message>
        <source>Sent. Look whether it arrived.</source>
        <translation>Gesendet. Sehen Sie nach, ob sie angekommen ist.</translation>
    </message>
    <message>
        <source>“{0}” is not a mail address.</source>
        <translation>„{0}“ ist keine E-Mail-Adresse.</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Go to…</source>
        <translation>Gehe zu…</translation>
    </message>
    <message>
        <source>Search or go to ({0})</source>
        <translation>Suchen oder öffnen ({0})</translation>
    </message>
    <message>
        <source>This desktop has no system tray. Closing this window quits OpenThreat and stops its updates.</source>
        <translation>Diese Arbeitsumgebung hat keinen Infobereich. Wenn Sie dieses Fenster schließen, wird OpenThreat beendet und aktualisiert nichts mehr.</translation>
    </message>
</context>
<context>
    <name>MinuteFields</name>
    <message>
        <source>Every few minutes</source>
        <translation>Alle paar Minuten</translation>
    </message>
    <message>
        <source>Minutes between runs</source>
        <translation>Minuten zwischen den Läufen</translation>
    </message>
    <message>
        <source>minutes</source>
        <translation>Minuten</translation>
    </message>
</context>
<context>
    <name>MonthsChart</name>
    <message>
        <source>Vulnerabilities that CISA listed as exploited, by month</source>
        <translation>Schwachstellen, die CISA als ausgenutzt gelistet hat, nach Monat</translation>
    </message>
</context>
<context>
    <name>NameForm</name>
    <message>
        <source>Another search has this name.</source>
        <translation>Eine andere Suche hat diesen Namen.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Name of the search</source>
        <translation>Name der Suche</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
</context>
<context>
    <name>NamesField</name>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Remove {0}</source>
        <translation>{0} entfernen</translation>
    </message>
</context>
<context>
    <name>Navigation</name>
    <message>
        <source>Ctrl+{0}</source>
        <translation>Strg+{0}</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
</context>
<context>
    <name>NetworkSection</name>
    <message>
        <source>&amp;Proxy</source>
        <translation>&amp;Proxy</translation>
    </message>
    <message>
        <source>Certificates (*.pem *.crt *.cer *.der);;All files (*)</source>
        <translation>Zertifikate (*.pem *.crt *.cer *.der);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Choose certificate file</source>
        <translation>Zertifikatsdatei wählen</translation>
    </message>
    <message>
        <source>Choose certificate file…</source>
        <translation>Zertifikatsdatei wählen…</translation>
    </message>
    <message>
        <source>Connections are trusted as the system trusts them. Where a company inspects connections and the system does not know its certificate, choose it here.</source>
        <translation>Verbindungen wird so vertraut, wie das System ihnen vertraut. Untersucht ein Unternehmen Verbindungen und kennt das System dessen Zertifikat nicht, wählen Sie es hier aus.</translation>
    </message>
    <message>
        <source>Do not trust the certificate file</source>
        <translation>Der Zertifikatsdatei nicht mehr vertrauen</translation>
    </message>
    <message>
        <source>Proxy scripts (PAC) are not supported. If the system uses one, choose Manual and enter the address.</source>
        <translation>Proxy-Skripte (PAC) werden nicht unterstützt. Verwendet das System eines, wählen Sie „Manuell“ und geben Sie die Adresse ein.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Set by the environment variable {0}. Change it there.</source>
        <translation>Durch die Umgebungsvariable {0} festgelegt. Ändern Sie es dort.</translation>
    </message>
</context>
<context>
    <name>NotificationsPage</name>
    <message numerus="yes">
        <source>%Ln notification(s)</source>
        <translation>
            <numerusform>%Ln Benachrichtigung</numerusform>
            <numerusform>%Ln Benachrichtigungen</numerusform>
        </translation>
    </message>
    <message>
        <source>No notifications yet</source>
        <translation>Noch keine Benachrichtigungen</translation>
    </message>
    <message>
        <source>Nothing was notified yet</source>
        <translation>Bisher gab es nichts zu melden</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>What becomes known about the programs here, and what goes wrong, is shown on the screen and listed here.</source>
        <translation>Was über die Programme hier bekannt wird und was schiefgeht, erscheint auf dem Bildschirm und wird hier aufgelistet.</translation>
    </message>
</context>
<context>
    <name>NotificationsSection</name>
    <message>
        <source>A service fails</source>
        <translation>Ein Dienst fällt aus</translation>
    </message>
    <message>
        <source>An update is completed</source>
        <translation>Eine Aktualisierung ist abgeschlossen</translation>
    </message>
    <message>
        <source>An update or another run fails or recovers</source>
        <translation>Eine Aktualisierung oder ein anderer Lauf schlägt fehl oder gelingt wieder</translation>
    </message>
    <message>
        <source>End of quiet hours</source>
        <translation>Ende der Ruhezeit</translation>
    </message>
    <message>
        <source>From</source>
        <translation>Von</translation>
    </message>
    <message>
        <source>If nothing appeared: allow notifications of OpenThreat in the system, and turn off Do not disturb.</source>
        <translation>Falls nichts erschienen ist: Erlauben Sie im System Benachrichtigungen von OpenThreat und schalten Sie „Nicht stören“ aus.</translation>
    </message>
    <message>
        <source>Notifications of OpenThreat look like this.</source>
        <translation>So sehen Benachrichtigungen von OpenThreat aus.</translation>
    </message>
    <message>
        <source>Quiet hours (no notifications)</source>
        <translation>Ruhezeit (keine Benachrichtigungen)</translation>
    </message>
    <message>
        <source>Show a test notification</source>
        <translation>Testbenachrichtigung anzeigen</translation>
    </message>
    <message>
        <source>Something new concerns this PC or the watchlist</source>
        <translation>Etwas Neues betrifft diesen PC oder die Beobachtungsliste</translation>
    </message>
    <message>
        <source>Start of quiet hours</source>
        <translation>Beginn der Ruhezeit</translation>
    </message>
    <message>
        <source>This is a test notification</source>
        <translation>Dies ist eine Testbenachrichtigung</translation>
    </message>
    <message>
        <source>to</source>
        <translation>bis</translation>
    </message>
</context>
<context>
    <name>NvdKey</name>
    <message>
        <source>Checking the key with NVD…</source>
        <translation>Der Schlüssel wird bei der NVD geprüft…</translation>
    </message>
    <message>
        <source>Get a free key…</source>
        <translation>Kostenlosen Schlüssel holen…</translation>
    </message>
    <message>
        <source>Key removed. The update service is restarting.</source>
        <translation>Schlüssel entfernt. Der Aktualisierungsdienst wird neu gestartet.</translation>
    </message>
    <message>
        <source>NVD API &amp;key</source>
        <translation>NVD-API-&amp;Schlüssel</translation>
    </message>
    <message>
        <source>NVD API key</source>
        <translation>NVD-API-Schlüssel</translation>
    </message>
    <message>
        <source>No keyring is available. Saved in a file that only you can read.</source>
        <translation>Kein Schlüsselbund verfügbar. In einer Datei gespeichert, die nur Sie lesen können.</translation>
    </message>
    <message>
        <source>Paste a key</source>
        <translation>Schlüssel einfügen</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Saved in the system's keyring. The update service is restarting.</source>
        <translation>Im Schlüsselbund des Systems gespeichert. Der Aktualisierungsdienst wird neu gestartet.</translation>
    </message>
    <message>
        <source>Set by the environment variable NVD_API_KEY. Change it there.</source>
        <translation>Durch die Umgebungsvariable NVD_API_KEY festgelegt. Ändern Sie es dort.</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>Testen</translation>
    </message>
    <message>
        <source>The key is in the file .env in the data folder. A key saved here takes precedence.</source>
        <translation>Der Schlüssel steht in der Datei .env im Datenordner. Ein hier gespeicherter hat Vorrang.</translation>
    </message>
</context>
<context>
    <name>PassedCard</name>
    <message>
        <source>Passed checks</source>
        <translation>Bestandene Prüfungen</translation>
    </message>
</context>
<context>
    <name>PauseMenu</name>
    <message>
        <source>For 1 hour</source>
        <translation>Für 1 Stunde</translation>
    </message>
    <message>
        <source>Until resumed</source>
        <translation>Bis zum Fortsetzen</translation>
    </message>
    <message>
        <source>Until tomorrow morning</source>
        <translation>Bis morgen früh</translation>
    </message>
</context>
<context>
    <name>PcsPage</name>
    <message>
        <source>By PC</source>
        <translation>Nach PC</translation>
    </message>
    <message>
        <source>By program</source>
        <translation>Nach Programm</translation>
    </message>
    <message>
        <source>Find a program</source>
        <translation>Programm suchen</translation>
    </message>
    <message>
        <source>Loading the list of PCs…</source>
        <translation>Die Liste der PCs wird geladen …</translation>
    </message>
    <message>
        <source>No PC has sent its programs yet</source>
        <translation>Noch kein PC hat seine Programme gesendet</translation>
    </message>
    <message>
        <source>PCs that share this database are listed once they have sent what is installed on them.</source>
        <translation>PCs mit dieser Datenbank werden aufgeführt, sobald sie gesendet haben, was auf ihnen installiert ist.</translation>
    </message>
</context>
<context>
    <name>PreviewPane</name>
    <message>
        <source>Looking it up…</source>
        <translation>Wird nachgeschlagen…</translation>
    </message>
    <message>
        <source>Show record</source>
        <translation>Eintrag anzeigen</translation>
    </message>
    <message>
        <source>Use “{0}”</source>
        <translation>„{0}“ verwenden</translation>
    </message>
</context>
<context>
    <name>PrivacySection</name>
    <message>
        <source>Look at what is installed on this PC</source>
        <translation>Untersuchen, was auf diesem PC installiert ist</translation>
    </message>
    <message>
        <source>On this system only lists from files can be shown; nothing is collected.</source>
        <translation>Auf diesem System können nur Listen aus Dateien angezeigt werden; nichts wird erfasst.</translation>
    </message>
    <message>
        <source>The list is stored in the database of this program. Nothing of it is sent unless you set that up.</source>
        <translation>Die Liste wird in der Datenbank dieses Programms gespeichert. Nichts davon wird gesendet, außer Sie richten es ein.</translation>
    </message>
</context>
<context>
    <name>ProductChoice</name>
    <message>
        <source>Another product:</source>
        <translation>Ein anderes Produkt:</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>None of the known ones</source>
        <translation>Keines der bekannten</translation>
    </message>
    <message>
        <source>Product</source>
        <translation>Produkt</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Type its beginning, for example firefox</source>
        <translation>Anfang eingeben, zum Beispiel firefox</translation>
    </message>
    <message>
        <source>Which product is “{0}”?</source>
        <translation>Welches Produkt ist „{0}“?</translation>
    </message>
    <message>
        <source>Your choice holds for all its versions, and for all who share the database.</source>
        <translation>Ihre Wahl gilt für alle seine Versionen und für alle, die die Datenbank gemeinsam nutzen.</translation>
    </message>
</context>
<context>
    <name>ProductDecisions</name>
    <message>
        <source>The choice was taken back.</source>
        <translation>Die Wahl wurde zurückgenommen.</translation>
    </message>
    <message>
        <source>“{0}” is none of the known products.</source>
        <translation>„{0}“ ist keines der bekannten Produkte.</translation>
    </message>
    <message>
        <source>“{0}” is {1} {2}.</source>
        <translation>„{0}“ ist {1} {2}.</translation>
    </message>
</context>
<context>
    <name>ProgramFacts</name>
    <message>
        <source>Copy command</source>
        <translation>Befehl kopieren</translation>
    </message>
    <message>
        <source>Not this product…</source>
        <translation>Nicht dieses Produkt…</translation>
    </message>
    <message>
        <source>Say which product…</source>
        <translation>Produkt angeben…</translation>
    </message>
    <message>
        <source>The command is copied, not run.</source>
        <translation>Der Befehl wird kopiert, nicht ausgeführt.</translation>
    </message>
    <message>
        <source>The id comes from the imported list of winget.</source>
        <translation>Die ID stammt aus der importierten Liste von winget.</translation>
    </message>
    <message>
        <source>The id is the one by which winget knows a program of this name.</source>
        <translation>Unter dieser ID kennt winget ein Programm dieses Namens.</translation>
    </message>
</context>
<context>
    <name>ProgramPane</name>
    <message numerus="yes">
        <source>%Ln selected</source>
        <translation>
            <numerusform>%Ln ausgewählt</numerusform>
            <numerusform>%Ln ausgewählt</numerusform>
        </translation>
    </message>
    <message>
        <source>Acknowledge</source>
        <translation>Zur Kenntnis nehmen</translation>
    </message>
    <message>
        <source>Ignore…</source>
        <translation>Ignorieren…</translation>
    </message>
    <message>
        <source>Open again</source>
        <translation>Wieder öffnen</translation>
    </message>
    <message>
        <source>Show record</source>
        <translation>Eintrag anzeigen</translation>
    </message>
    <message>
        <source>and {0} more</source>
        <translation>und {0} weitere</translation>
    </message>
</context>
<context>
    <name>ProgramsPair</name>
    <message>
        <source>{0} more are not listed. Search for a part of the name.</source>
        <translation>{0} weitere sind nicht aufgeführt. Suchen Sie nach einem Teil des Namens.</translation>
    </message>
</context>
<context>
    <name>ProgressStrip</name>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Waiting to start</source>
        <translation>Wartet auf den Start</translation>
    </message>
</context>
<context>
    <name>ProxyForm</name>
    <message>
        <source>&amp;Address</source>
        <translation>&amp;Adresse</translation>
    </message>
    <message>
        <source>&amp;User (if required)</source>
        <translation>&amp;Benutzer (falls erforderlich)</translation>
    </message>
    <message>
        <source>No keyring is available. The password is saved in a file that only you can read.</source>
        <translation>Kein Schlüsselbund verfügbar. Das Kennwort wird in einer Datei gespeichert, die nur Sie lesen können.</translation>
    </message>
    <message>
        <source>Pass&amp;word</source>
        <translation>&amp;Kennwort</translation>
    </message>
    <message>
        <source>Remove password</source>
        <translation>Kennwort entfernen</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
</context>
<context>
    <name>QueryBar</name>
    <message>
        <source>Since</source>
        <translation>Zeitraum</translation>
    </message>
</context>
<context>
    <name>RecordHead</name>
    <message>
        <source>Copy ID</source>
        <translation>ID kopieren</translation>
    </message>
    <message>
        <source>Copy as JSON</source>
        <translation>Als JSON kopieren</translation>
    </message>
    <message>
        <source>Copy as Markdown</source>
        <translation>Als Markdown kopieren</translation>
    </message>
    <message>
        <source>Copy as text</source>
        <translation>Als Text kopieren</translation>
    </message>
    <message>
        <source>Copy the record</source>
        <translation>Eintrag kopieren</translation>
    </message>
    <message>
        <source>Next record (Alt+Down)</source>
        <translation>Nächster Eintrag (Alt+↓)</translation>
    </message>
    <message>
        <source>Open at {0}</source>
        <translation>Bei {0} öffnen</translation>
    </message>
    <message>
        <source>Open in a window of its own</source>
        <translation>In eigenem Fenster öffnen</translation>
    </message>
    <message>
        <source>Previous record (Alt+Up)</source>
        <translation>Voriger Eintrag (Alt+↑)</translation>
    </message>
</context>
<context>
    <name>RecordPane</name>
    <message>
        <source>Affected products</source>
        <translation>Betroffene Produkte</translation>
    </message>
    <message>
        <source>Affected {0}</source>
        <translation>Betroffen {0}</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>Datum</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Details</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>Ereignis</translation>
    </message>
    <message>
        <source>Links</source>
        <translation>Links</translation>
    </message>
    <message>
        <source>Links {0}</source>
        <translation>Links {0}</translation>
    </message>
    <message>
        <source>No affected products are listed.</source>
        <translation>Keine betroffenen Produkte aufgeführt.</translation>
    </message>
    <message>
        <source>No links.</source>
        <translation>Keine Links.</translation>
    </message>
    <message>
        <source>No vulnerability selected</source>
        <translation>Keine Schwachstelle ausgewählt</translation>
    </message>
    <message>
        <source>Nothing is known yet.</source>
        <translation>Noch ist nichts bekannt.</translation>
    </message>
    <message>
        <source>Product</source>
        <translation>Produkt</translation>
    </message>
    <message>
        <source>Select a vulnerability to see its details.</source>
        <translation>Wählen Sie eine Schwachstelle aus, um ihre Details zu sehen.</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Sources</source>
        <translation>Quellen</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>URL</source>
        <translation>URL</translation>
    </message>
    <message>
        <source>Versions</source>
        <translation>Versionen</translation>
    </message>
</context>
<context>
    <name>RecordTable</name>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
</context>
<context>
    <name>RecordWindow</name>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}: {1}</translation>
    </message>
</context>
<context>
    <name>RecurrenceChooser</name>
    <message>
        <source>Frequency</source>
        <translation>Häufigkeit</translation>
    </message>
</context>
<context>
    <name>ReportMenu</name>
    <message>
        <source>Open in the browser</source>
        <translation>Im Browser öffnen</translation>
    </message>
    <message>
        <source>Print…</source>
        <translation>Drucken …</translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation>Speichern unter …</translation>
    </message>
    <message>
        <source>Save the report</source>
        <translation>Bericht speichern</translation>
    </message>
    <message>
        <source>Saved {0}</source>
        <translation>{0} gespeichert</translation>
    </message>
    <message>
        <source>The report was sent to the printer</source>
        <translation>Der Bericht wurde an den Drucker gesendet</translation>
    </message>
</context>
<context>
    <name>ReportsSection</name>
    <message>
        <source>&amp;About</source>
        <translation>&amp;Thema</translation>
    </message>
    <message>
        <source>&amp;Form</source>
        <translation>&amp;Format</translation>
    </message>
    <message>
        <source>A report says what is new, exploited, fixed and overdue since the last one, and what to update. The schedule says when one is written; until you turn it on there, none is.</source>
        <translation>Ein Bericht sagt, was seit dem letzten neu, ausgenutzt, behoben und überfällig ist und was zu aktualisieren ist. Wann einer geschrieben wird, steht im Zeitplan; solange Sie ihn dort nicht einschalten, wird keiner geschrieben.</translation>
    </message>
    <message>
        <source>Choose a folder for reports</source>
        <translation>Ordner für Berichte wählen</translation>
    </message>
    <message>
        <source>Choose folder…</source>
        <translation>Ordner wählen …</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Open schedule</source>
        <translation>Zeitplan öffnen</translation>
    </message>
    <message>
        <source>Use data folder</source>
        <translation>Datenordner verwenden</translation>
    </message>
</context>
<context>
    <name>RowActions</name>
    <message>
        <source>All results as CSV</source>
        <translation>Alle Ergebnisse als CSV</translation>
    </message>
    <message>
        <source>All results as JSON</source>
        <translation>Alle Ergebnisse als JSON</translation>
    </message>
    <message>
        <source>Copy ID</source>
        <translation>ID kopieren</translation>
    </message>
    <message>
        <source>Copy all results as Markdown</source>
        <translation>Alle Ergebnisse als Markdown kopieren</translation>
    </message>
    <message>
        <source>Copy all results as a table</source>
        <translation>Alle Ergebnisse als Tabelle kopieren</translation>
    </message>
    <message>
        <source>Copy as Markdown</source>
        <translation>Als Markdown kopieren</translation>
    </message>
    <message>
        <source>Copy link</source>
        <translation>Link kopieren</translation>
    </message>
    <message>
        <source>Open in browser</source>
        <translation>Im Browser öffnen</translation>
    </message>
    <message>
        <source>Selected rows as CSV</source>
        <translation>Ausgewählte Zeilen als CSV</translation>
    </message>
    <message>
        <source>Selected rows as JSON</source>
        <translation>Ausgewählte Zeilen als JSON</translation>
    </message>
</context>
<context>
    <name>RunDetail</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Cancelling…</source>
        <translation>Wird abgebrochen…</translation>
    </message>
    <message>
        <source>Copy ID</source>
        <translation>ID kopieren</translation>
    </message>
    <message>
        <source>Corrected or skipped records</source>
        <translation>Korrigierte oder übersprungene Einträge</translation>
    </message>
    <message>
        <source>Duration</source>
        <translation>Dauer</translation>
    </message>
    <message>
        <source>Finished</source>
        <translation>Beendet</translation>
    </message>
    <message>
        <source>Process</source>
        <translation>Prozess</translation>
    </message>
    <message>
        <source>Queued</source>
        <translation>Eingereiht</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>Run again</source>
        <translation>Erneut ausführen</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Gestartet</translation>
    </message>
    <message>
        <source>Technical details</source>
        <translation>Technische Details</translation>
    </message>
    <message>
        <source>Trigger</source>
        <translation>Auslöser</translation>
    </message>
</context>
<context>
    <name>RunFilterBar</name>
    <message>
        <source>All states</source>
        <translation>Jeder Status</translation>
    </message>
    <message>
        <source>All tasks</source>
        <translation>Alle Aufgaben</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Anzeigen</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>Task</source>
        <translation>Aufgabe</translation>
    </message>
</context>
<context>
    <name>RunModel</name>
    <message>
        <source>Duration</source>
        <translation>Dauer</translation>
    </message>
    <message>
        <source>Process</source>
        <translation>Prozess</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Gestartet</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>Task</source>
        <translation>Aufgabe</translation>
    </message>
    <message>
        <source>Trigger</source>
        <translation>Auslöser</translation>
    </message>
    <message>
        <source>Vulnerabilities</source>
        <translation>Schwachstellen</translation>
    </message>
    <message>
        <source>{0}, {1} runs</source>
        <translation>{0}, {1} Läufe</translation>
    </message>
</context>
<context>
    <name>SavedNote</name>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Saved as {0}. Passwords and keys were removed.</source>
        <translation>Gespeichert als {0}. Kennwörter und Schlüssel wurden entfernt.</translation>
    </message>
</context>
<context>
    <name>SavedSearchButton</name>
    <message>
        <source>Delete “{0}”</source>
        <translation>„{0}“ löschen</translation>
    </message>
    <message>
        <source>Rename “{0}”…</source>
        <translation>„{0}“ umbenennen…</translation>
    </message>
    <message>
        <source>Save and watch this search…</source>
        <translation>Diese Suche speichern und beobachten…</translation>
    </message>
    <message>
        <source>Save changes to “{0}”</source>
        <translation>Änderungen an „{0}“ speichern</translation>
    </message>
    <message>
        <source>Save this search…</source>
        <translation>Diese Suche speichern…</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>Gespeichert</translation>
    </message>
    <message>
        <source>Saved searches</source>
        <translation>Gespeicherte Suchen</translation>
    </message>
    <message>
        <source>Watch “{0}”</source>
        <translation>„{0}“ beobachten</translation>
    </message>
</context>
<context>
    <name>SavedSearchKeeper</name>
    <message>
        <source>Taken back.</source>
        <translation>Zurückgenommen.</translation>
    </message>
    <message>
        <source>“{0}” is changed.</source>
        <translation>„{0}“ ist geändert.</translation>
    </message>
    <message>
        <source>“{0}” is deleted.</source>
        <translation>„{0}“ ist gelöscht.</translation>
    </message>
    <message>
        <source>“{0}” is no longer watched.</source>
        <translation>„{0}“ wird nicht mehr beobachtet.</translation>
    </message>
    <message>
        <source>“{0}” is saved and watched.</source>
        <translation>„{0}“ ist gespeichert und wird beobachtet.</translation>
    </message>
    <message>
        <source>“{0}” is saved.</source>
        <translation>„{0}“ ist gespeichert.</translation>
    </message>
    <message>
        <source>“{0}” is watched.</source>
        <translation>„{0}“ wird beobachtet.</translation>
    </message>
</context>
<context>
    <name>SchedulePage</name>
    <message>
        <source>Loading the schedule…</source>
        <translation>Zeitplan wird geladen…</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Waiting for the services</source>
        <translation>Warten auf die Dienste</translation>
    </message>
</context>
<context>
    <name>ScheduleSection</name>
    <message>
        <source>Open schedule</source>
        <translation>Zeitplan öffnen</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>The schedule is active</source>
        <translation>Der Zeitplan ist aktiv</translation>
    </message>
</context>
<context>
    <name>SearchField</name>
    <message>
        <source>Paste several IDs in any form to list these vulnerabilities.</source>
        <translation>Fügen Sie mehrere IDs in beliebiger Form ein, um diese Schwachstellen aufzulisten.</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Search IDs, titles, descriptions, vendors and products</source>
        <translation>IDs, Titel, Beschreibungen, Hersteller und Produkte durchsuchen</translation>
    </message>
</context>
<context>
    <name>ServiceCard</name>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Arbeitsspeicher</translation>
    </message>
    <message>
        <source>Process ID</source>
        <translation>Prozess-ID</translation>
    </message>
    <message>
        <source>Restart</source>
        <translation>Neu starten</translation>
    </message>
    <message>
        <source>Restarts</source>
        <translation>Neustarts</translation>
    </message>
    <message>
        <source>Running: {0}</source>
        <translation>Läuft: {0}</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Uptime</source>
        <translation>Laufzeit</translation>
    </message>
</context>
<context>
    <name>ServiceMenu</name>
    <message>
        <source>Restart</source>
        <translation>Neu starten</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}: {1}</translation>
    </message>
</context>
<context>
    <name>ServicesPage</name>
    <message>
        <source>Start all</source>
        <translation>Alle starten</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Changes are saved immediately</source>
        <translation>Änderungen werden sofort gespeichert</translation>
    </message>
    <message>
        <source>Find a setting</source>
        <translation>Einstellung suchen</translation>
    </message>
    <message>
        <source>No setting matches “{0}”</source>
        <translation>Keine Einstellung passt zu „{0}“</translation>
    </message>
    <message>
        <source>Show all settings</source>
        <translation>Alle Einstellungen anzeigen</translation>
    </message>
</context>
<context>
    <name>SidePane</name>
    <message>
        <source>Close details (Esc)</source>
        <translation>Details schließen (Esc)</translation>
    </message>
</context>
<context>
    <name>SourceComparisonView</name>
    <message>
        <source>Field</source>
        <translation>Feld</translation>
    </message>
    <message>
        <source>Loading what each source says…</source>
        <translation>Angaben der Quellen werden geladen…</translation>
    </message>
    <message>
        <source>What each source says</source>
        <translation>Was jede Quelle sagt</translation>
    </message>
    <message>
        <source>✓ counts. {0}: {1}</source>
        <translation>✓ gilt. {0}: {1}</translation>
    </message>
</context>
<context>
    <name>SourceTable</name>
    <message>
        <source>Sources</source>
        <translation>Quellen</translation>
    </message>
</context>
<context>
    <name>SourcesSection</name>
    <message>
        <source>The data of a source stay when you turn it off, but are no longer updated.</source>
        <translation>Die Daten einer Quelle bleiben, wenn Sie sie ausschalten, werden aber nicht mehr aktualisiert.</translation>
    </message>
</context>
<context>
    <name>Split</name>
    <message>
        <source>Show details below the list</source>
        <translation>Details unter der Liste anzeigen</translation>
    </message>
    <message>
        <source>Show details beside the list</source>
        <translation>Details neben der Liste anzeigen</translation>
    </message>
</context>
<context>
    <name>StackSection</name>
    <message>
        <source>Set by the environment (OPENTHREAT_STACK, DATABASE_URL or REDIS_URL). Change it there.</source>
        <translation>Durch die Umgebung festgelegt (OPENTHREAT_STACK, DATABASE_URL oder REDIS_URL). Ändern Sie es dort.</translation>
    </message>
    <message>
        <source>Stop the Docker containers when OpenThreat quits</source>
        <translation>Docker-Container beenden, wenn OpenThreat beendet wird</translation>
    </message>
</context>
<context>
    <name>StorageSection</name>
    <message>
        <source>Keep the history of &amp;runs for</source>
        <translation>&amp;Läufe aufbewahren für</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>days</source>
        <translation>Tage</translation>
    </message>
    <message>
        <source>{0} on disk</source>
        <translation>{0} auf dem Datenträger</translation>
    </message>
</context>
<context>
    <name>Summary</name>
    <message>
        <source>Description</source>
        <translation>Beschreibung</translation>
    </message>
    <message>
        <source>Fixed in</source>
        <translation>Behoben in</translation>
    </message>
    <message>
        <source>No description available.</source>
        <translation>Keine Beschreibung verfügbar.</translation>
    </message>
    <message>
        <source>No source states a fixed version.</source>
        <translation>Keine Quelle nennt eine fehlerbereinigte Version.</translation>
    </message>
    <message>
        <source>Not found in what is installed here.</source>
        <translation>In dem, was hier installiert ist, nicht gefunden.</translation>
    </message>
    <message>
        <source>Show all ({0} characters)</source>
        <translation>Alles anzeigen ({0} Zeichen)</translation>
    </message>
    <message>
        <source>Vector</source>
        <translation>Vektor</translation>
    </message>
    <message>
        <source>What this means</source>
        <translation>Was das bedeutet</translation>
    </message>
</context>
<context>
    <name>SwitchConfirmation</name>
    <message>
        <source>All services restart. A running update continues when you switch back.</source>
        <translation>Alle Dienste werden neu gestartet. Eine laufende Aktualisierung wird fortgesetzt, wenn Sie zurückwechseln.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Switch to: {0}</source>
        <translation>Wechseln zu: {0}</translation>
    </message>
    <message>
        <source>The current data stay {0} and are used again when you switch back.</source>
        <translation>Die jetzigen Daten bleiben {0} und werden wieder verwendet, wenn Sie zurückwechseln.</translation>
    </message>
    <message>
        <source>The other database has its own data. If it is empty, the first update fills it.</source>
        <translation>Die andere Datenbank hat eigene Daten. Ist sie leer, füllt die erste Aktualisierung sie.</translation>
    </message>
</context>
<context>
    <name>TableCopier</name>
    <message numerus="yes">
        <source>Copied %Ln vulnerabilit(y|ies).</source>
        <translation>
            <numerusform>%Ln Schwachstelle kopiert.</numerusform>
            <numerusform>%Ln Schwachstellen kopiert.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TasksPage</name>
    <message>
        <source>Update now</source>
        <translation>Jetzt aktualisieren</translation>
    </message>
    <message>
        <source>Updating…</source>
        <translation>Wird aktualisiert…</translation>
    </message>
</context>
<context>
    <name>ThisPcPage</name>
    <message numerus="yes">
        <source>%Ln skipped</source>
        <translation>
            <numerusform>%Ln übersprungen</numerusform>
            <numerusform>%Ln übersprungen</numerusform>
        </translation>
    </message>
    <message>
        <source>As of {0}: {1}</source>
        <translation>Stand {0}: {1}</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Importieren</translation>
    </message>
    <message>
        <source>List of {0}</source>
        <translation>Liste vom {0}</translation>
    </message>
    <message>
        <source>Scan now</source>
        <translation>Jetzt untersuchen</translation>
    </message>
    <message>
        <source>Scanned {0}</source>
        <translation>Untersucht {0}</translation>
    </message>
    <message>
        <source>Scanning…</source>
        <translation>Wird untersucht…</translation>
    </message>
    <message>
        <source>Skipped entries</source>
        <translation>Übersprungene Einträge</translation>
    </message>
</context>
<context>
    <name>Tiles</name>
    <message>
        <source>Critical</source>
        <translation>Kritisch</translation>
    </message>
    <message>
        <source>Known exploited</source>
        <translation>Bekannt ausgenutzt</translation>
    </message>
    <message>
        <source>New in 30 days</source>
        <translation>Neu in 30 Tagen</translation>
    </message>
    <message>
        <source>Rejected vulnerabilities are not counted.</source>
        <translation>Abgelehnte Schwachstellen werden nicht mitgezählt.</translation>
    </message>
    <message>
        <source>Vulnerabilities</source>
        <translation>Schwachstellen</translation>
    </message>
</context>
<context>
    <name>TokensSection</name>
    <message>
        <source>A program on another machine needs a token to use the API of this PC. Where the API listens is set by OPENTHREAT_API_HOST in the file .env.</source>
        <translation>Ein Programm auf einem anderen Rechner braucht ein Token, um die API dieses PCs zu verwenden. Wo die API lauscht, legt OPENTHREAT_API_HOST in der Datei .env fest.</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy it now: it is not stored and not shown again.</source>
        <translation>Kopieren Sie es jetzt: Es wird nicht gespeichert und nicht noch einmal angezeigt.</translation>
    </message>
    <message>
        <source>Create a token</source>
        <translation>Token erstellen</translation>
    </message>
    <message>
        <source>Name of the token</source>
        <translation>Name des Tokens</translation>
    </message>
    <message>
        <source>Role</source>
        <translation>Rolle</translation>
    </message>
    <message>
        <source>The new token</source>
        <translation>Das neue Token</translation>
    </message>
    <message>
        <source>Who uses it</source>
        <translation>Wer es verwendet</translation>
    </message>
    <message>
        <source>“{0}” has no access any more</source>
        <translation>„{0}“ hat keinen Zugriff mehr</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>It keeps the data up to date. Click the icon to open it again.</source>
        <translation>Das Programm hält die Daten aktuell. Klicken Sie auf das Symbol, um es wieder zu öffnen.</translation>
    </message>
    <message>
        <source>OpenThreat is still running</source>
        <translation>OpenThreat läuft weiter</translation>
    </message>
    <message>
        <source>OpenThreat: stopping…</source>
        <translation>OpenThreat: wird beendet…</translation>
    </message>
</context>
<context>
    <name>TrayMenu</name>
    <message numerus="yes">
        <source>%Ln exploited on this PC</source>
        <translation>
            <numerusform>%Ln ausgenutzte auf diesem PC</numerusform>
            <numerusform>%Ln ausgenutzte auf diesem PC</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln exploited, watched or on other PCs</source>
        <translation>
            <numerusform>%Ln ausgenutzte, beobachtet oder auf anderen PCs</numerusform>
            <numerusform>%Ln ausgenutzte, beobachtet oder auf anderen PCs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln new for you</source>
        <translation>
            <numerusform>%Ln neu für Sie</numerusform>
            <numerusform>%Ln neu für Sie</numerusform>
        </translation>
    </message>
    <message>
        <source>Cancel update</source>
        <translation>Aktualisierung abbrechen</translation>
    </message>
    <message>
        <source>Open OpenThreat</source>
        <translation>OpenThreat öffnen</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Start at sign-in</source>
        <translation>Bei der Anmeldung starten</translation>
    </message>
    <message>
        <source>Update now</source>
        <translation>Jetzt aktualisieren</translation>
    </message>
</context>
<context>
    <name>TrayPauseMenu</name>
    <message>
        <source>Pause schedule</source>
        <translation>Zeitplan anhalten</translation>
    </message>
    <message>
        <source>Resume schedule</source>
        <translation>Zeitplan fortsetzen</translation>
    </message>
</context>
<context>
    <name>TrendView</name>
    <message>
        <source>Ask FIRST for the last 30 days</source>
        <translation>FIRST nach den letzten 30 Tagen fragen</translation>
    </message>
    <message>
        <source>Asking FIRST…</source>
        <translation>FIRST wird gefragt…</translation>
    </message>
    <message>
        <source>EPSS over time</source>
        <translation>EPSS im Verlauf</translation>
    </message>
    <message>
        <source>Sends the ID of this vulnerability to api.first.org</source>
        <translation>Sendet die ID dieser Schwachstelle an api.first.org</translation>
    </message>
</context>
<context>
    <name>TriageActions</name>
    <message>
        <source>Acknowledge</source>
        <translation>Zur Kenntnis nehmen</translation>
    </message>
    <message>
        <source>Ignore…</source>
        <translation>Ignorieren…</translation>
    </message>
    <message>
        <source>Note…</source>
        <translation>Notiz…</translation>
    </message>
</context>
<context>
    <name>UndoBar</name>
    <message>
        <source>Ctrl+Z</source>
        <translation>Strg+Z</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
</context>
<context>
    <name>UpdateCard</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Cancelling…</source>
        <translation>Wird abgebrochen…</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Details</translation>
    </message>
    <message>
        <source>Update</source>
        <translation>Aktualisierung</translation>
    </message>
</context>
<context>
    <name>VendorBars</name>
    <message>
        <source>No vendors yet</source>
        <translation>Noch keine Hersteller</translation>
    </message>
    <message>
        <source>Vendors with most vulnerabilities</source>
        <translation>Hersteller mit den meisten Schwachstellen</translation>
    </message>
</context>
<context>
    <name>VulnerabilitiesPage</name>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>The list shows the last known data.</source>
        <translation>Die Liste zeigt die zuletzt bekannten Daten.</translation>
    </message>
</context>
<context>
    <name>WatchedEditor</name>
    <message>
        <source>&amp;Product</source>
        <translation>&amp;Produkt</translation>
    </message>
    <message>
        <source>&amp;Vendor</source>
        <translation>&amp;Hersteller</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>All products</source>
        <translation>Alle Produkte</translation>
    </message>
    <message>
        <source>All versions</source>
        <translation>Alle Versionen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Entry</source>
        <translation>Eintrag</translation>
    </message>
    <message>
        <source>For example mozilla</source>
        <translation>Zum Beispiel mozilla</translation>
    </message>
    <message>
        <source>Name a vendor or a product; a version needs its product.</source>
        <translation>Nennen Sie einen Hersteller oder ein Produkt; eine Version braucht ihr Produkt.</translation>
    </message>
    <message>
        <source>Product</source>
        <translation>Produkt</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>V&amp;ersion</source>
        <translation>&amp;Version</translation>
    </message>
    <message>
        <source>Vendor</source>
        <translation>Hersteller</translation>
    </message>
</context>
<context>
    <name>WatchedTable</name>
    <message>
        <source>What is watched</source>
        <translation>Was beobachtet wird</translation>
    </message>
</context>
<context>
    <name>WatchlistPage</name>
    <message>
        <source>Add the vendors and products that concern you but are not on this PC: servers, appliances.</source>
        <translation>Fügen Sie die Hersteller und Produkte hinzu, die Sie betreffen, aber nicht auf diesem PC sind: Server, Geräte.</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>Bearbeiten</translation>
    </message>
    <message>
        <source>Edit (F2)</source>
        <translation>Bearbeiten (F2)</translation>
    </message>
    <message>
        <source>It is tried again by itself.</source>
        <translation>Es wird von selbst erneut versucht.</translation>
    </message>
    <message>
        <source>Loading the watchlist…</source>
        <translation>Beobachtungsliste wird geladen…</translation>
    </message>
    <message>
        <source>Nothing is watched yet</source>
        <translation>Noch wird nichts beobachtet</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Remove (Del)</source>
        <translation>Entfernen (Entf)</translation>
    </message>
    <message>
        <source>Taken back.</source>
        <translation>Zurückgenommen.</translation>
    </message>
    <message>
        <source>The watchlist could not be loaded</source>
        <translation>Die Beobachtungsliste konnte nicht geladen werden</translation>
    </message>
    <message>
        <source>“{0}” is no longer watched.</source>
        <translation>„{0}“ wird nicht mehr beobachtet.</translation>
    </message>
    <message>
        <source>“{0}” is watched.</source>
        <translation>„{0}“ wird beobachtet.</translation>
    </message>
</context>
<context>
    <name>WebhookForm</name>
    <message>
        <source>A secret has at least {0} letters, digits and signs of ASCII.</source>
        <translation>Ein Geheimnis hat mindestens {0} Buchstaben, Ziffern und Zeichen aus ASCII.</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>An address begins with https:// or http:// and has no password.</source>
        <translation>Eine Adresse beginnt mit https:// oder http:// und enthält kein Passwort.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Choose at least one kind of event.</source>
        <translation>Wählen Sie mindestens eine Art von Ereignis.</translation>
    </message>
    <message>
        <source>Give the webhook a name.</source>
        <translation>Geben Sie dem Webhook einen Namen.</translation>
    </message>
    <message>
        <source>Made for you</source>
        <translation>Wird erzeugt</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keines</translation>
    </message>
    <message>
        <source>Not needed</source>
        <translation>Nicht nötig</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Secret for signatures</source>
        <translation>Geheimnis für Signaturen</translation>
    </message>
    <message>
        <source>Send to</source>
        <translation>Senden an</translation>
    </message>
    <message>
        <source>Unchanged</source>
        <translation>Unverändert</translation>
    </message>
    <message>
        <source>Unchanged ({0})</source>
        <translation>Unverändert ({0})</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
</context>
<context>
    <name>WebhookRow</name>
    <message>
        <source>Edit {0}</source>
        <translation>{0} bearbeiten</translation>
    </message>
    <message>
        <source>Edit…</source>
        <translation>Bearbeiten…</translation>
    </message>
    <message>
        <source>Nothing sent yet</source>
        <translation>Noch nichts gesendet</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Remove {0}</source>
        <translation>{0} entfernen</translation>
    </message>
    <message>
        <source>Sent by {0}</source>
        <translation>Gesendet von {0}</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>Testen</translation>
    </message>
    <message>
        <source>Test {0}</source>
        <translation>{0} testen</translation>
    </message>
</context>
<context>
    <name>WebhooksSection</name>
    <message>
        <source>Add a webhook…</source>
        <translation>Webhook hinzufügen…</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Secret of the new webhook</source>
        <translation>Geheimnis des neuen Webhooks</translation>
    </message>
    <message>
        <source>Send what is new to Slack, Microsoft Teams or another program. Messages name the programs and PCs that are affected. Without a webhook, nothing is sent.</source>
        <translation>Senden Sie Neues an Slack, Microsoft Teams oder ein anderes Programm. Die Nachrichten nennen betroffene Programme und PCs. Ohne Webhook wird nichts gesendet.</translation>
    </message>
    <message>
        <source>Sending a test message…</source>
        <translation>Eine Testnachricht wird gesendet…</translation>
    </message>
    <message>
        <source>The receiver accepted the test message.</source>
        <translation>Der Empfänger hat die Testnachricht angenommen.</translation>
    </message>
    <message>
        <source>The receiver checks signatures with this secret. It is not shown again.</source>
        <translation>Mit diesem Geheimnis prüft der Empfänger die Signaturen. Es wird nicht noch einmal angezeigt.</translation>
    </message>
    <message>
        <source>Webhook removed</source>
        <translation>Webhook entfernt</translation>
    </message>
    <message>
        <source>{0} gets what happens from now on</source>
        <translation>{0} erhält, was ab jetzt geschieht</translation>
    </message>
    <message>
        <source>{0} was changed</source>
        <translation>{0} wurde geändert</translation>
    </message>
</context>
<context>
    <name>WeekFields</name>
    <message>
        <source>Every week</source>
        <translation>Jede Woche</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Uhrzeit</translation>
    </message>
    <message>
        <source>at</source>
        <translation>um</translation>
    </message>
    <message>
        <source>on</source>
        <translation>am</translation>
    </message>
</context>
<context>
    <name>_Line</name>
    <message>
        <source>Show</source>
        <translation>Anzeigen</translation>
    </message>
</context>
<context>
    <name>_SourceModel</name>
    <message>
        <source>Added</source>
        <translation>Hinzugefügt</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>Geändert</translation>
    </message>
    <message>
        <source>Read</source>
        <translation>Gelesen</translation>
    </message>
    <message>
        <source>Skipped</source>
        <translation>Übersprungen</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>Unchanged</source>
        <translation>Unverändert</translation>
    </message>
    <message>
        <source>Withdrawn</source>
        <translation>Zurückgezogen</translation>
    </message>
</context>
<context>
    <name>_TokenRow</name>
    <message>
        <source>Revoke</source>
        <translation>Widerrufen</translation>
    </message>
    <message>
        <source>Revoke “{0}”</source>
        <translation>„{0}“ widerrufen</translation>
    </message>
</context>
<context>
    <name>buttons</name>
    <message>
        <source>{0} ({1})</source>
        <translation>{0} ({1})</translation>
    </message>
</context>
<context>
    <name>charts</name>
    <message numerus="yes">
        <source>%Ln newly exploited</source>
        <translation>
            <numerusform>%Ln neu ausgenutzt</numerusform>
            <numerusform>%Ln neu ausgenutzt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln published</source>
        <translation>
            <numerusform>%Ln veröffentlicht</numerusform>
            <numerusform>%Ln veröffentlicht</numerusform>
        </translation>
    </message>
    <message>
        <source>&lt; {0}</source>
        <translation>&lt; {0}</translation>
    </message>
    <message>
        <source>Vulnerabilities by severity</source>
        <translation>Schwachstellen nach Schweregrad</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}: {1}</translation>
    </message>
</context>
<context>
    <name>commands</name>
    <message numerus="yes">
        <source>List %Ln pasted ID(s)</source>
        <translation>
            <numerusform>%Ln eingefügte ID auflisten</numerusform>
            <numerusform>%Ln eingefügte IDs auflisten</numerusform>
        </translation>
    </message>
    <message>
        <source>Open {0}</source>
        <translation>{0} öffnen</translation>
    </message>
    <message>
        <source>Pause schedule for 1 hour</source>
        <translation>Zeitplan für 1 Stunde anhalten</translation>
    </message>
    <message>
        <source>Pause schedule until resumed</source>
        <translation>Zeitplan bis zum Fortsetzen anhalten</translation>
    </message>
    <message>
        <source>Pause schedule until tomorrow morning</source>
        <translation>Zeitplan bis morgen früh anhalten</translation>
    </message>
    <message>
        <source>Quit OpenThreat</source>
        <translation>OpenThreat beenden</translation>
    </message>
    <message>
        <source>Resume schedule</source>
        <translation>Zeitplan fortsetzen</translation>
    </message>
    <message>
        <source>Saved search: {0}</source>
        <translation>Gespeicherte Suche: {0}</translation>
    </message>
    <message>
        <source>Scan this PC again</source>
        <translation>Diesen PC erneut untersuchen</translation>
    </message>
    <message>
        <source>Search vulnerabilities for “{0}”</source>
        <translation>Schwachstellen nach „{0}“ durchsuchen</translation>
    </message>
    <message>
        <source>Search: {0}</source>
        <translation>Suche: {0}</translation>
    </message>
    <message>
        <source>Start all services</source>
        <translation>Alle Dienste starten</translation>
    </message>
    <message>
        <source>Update now</source>
        <translation>Jetzt aktualisieren</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}: {1}</translation>
    </message>
</context>
<context>
    <name>cvss</name>
    <message>
        <source>Active</source>
        <translation>Aktiv</translation>
    </message>
    <message>
        <source>Adjacent network</source>
        <translation>Benachbartes Netzwerk</translation>
    </message>
    <message>
        <source>Amber</source>
        <translation>Gelb</translation>
    </message>
    <message>
        <source>Attack complexity</source>
        <translation>Angriffskomplexität</translation>
    </message>
    <message>
        <source>Attack requirements</source>
        <translation>Angriffsvoraussetzungen</translation>
    </message>
    <message>
        <source>Attack vector</source>
        <translation>Angriffsvektor</translation>
    </message>
    <message>
        <source>Attacks are known</source>
        <translation>Angriffe sind bekannt</translation>
    </message>
    <message>
        <source>Authentication</source>
        <translation>Authentifizierung</translation>
    </message>
    <message>
        <source>Automatable</source>
        <translation>Automatisierbar</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Availability impact</source>
        <translation>Auswirkung auf die Verfügbarkeit</translation>
    </message>
    <message>
        <source>Availability of other systems</source>
        <translation>Verfügbarkeit anderer Systeme</translation>
    </message>
    <message>
        <source>Availability of the vulnerable system</source>
        <translation>Verfügbarkeit des verwundbaren Systems</translation>
    </message>
    <message>
        <source>Availability requirement</source>
        <translation>Anforderung an die Verfügbarkeit</translation>
    </message>
    <message>
        <source>By the user</source>
        <translation>Durch den Benutzer</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>Geändert</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>Collateral damage potential</source>
        <translation>Mögliche Folgeschäden</translation>
    </message>
    <message>
        <source>Complete</source>
        <translation>Vollständig</translation>
    </message>
    <message>
        <source>Concentrated</source>
        <translation>Konzentriert</translation>
    </message>
    <message>
        <source>Confidentiality impact</source>
        <translation>Auswirkung auf die Vertraulichkeit</translation>
    </message>
    <message>
        <source>Confidentiality of other systems</source>
        <translation>Vertraulichkeit anderer Systeme</translation>
    </message>
    <message>
        <source>Confidentiality of the vulnerable system</source>
        <translation>Vertraulichkeit des verwundbaren Systems</translation>
    </message>
    <message>
        <source>Confidentiality requirement</source>
        <translation>Anforderung an die Vertraulichkeit</translation>
    </message>
    <message>
        <source>Confirmed</source>
        <translation>Bestätigt</translation>
    </message>
    <message>
        <source>Diffuse</source>
        <translation>Verteilt</translation>
    </message>
    <message>
        <source>Exploit maturity</source>
        <translation>Reife des Exploits</translation>
    </message>
    <message>
        <source>Functional</source>
        <translation>Funktionsfähig</translation>
    </message>
    <message>
        <source>Green</source>
        <translation>Grün</translation>
    </message>
    <message>
        <source>High</source>
        <translation>Hoch</translation>
    </message>
    <message>
        <source>Integrity impact</source>
        <translation>Auswirkung auf die Integrität</translation>
    </message>
    <message>
        <source>Integrity of other systems</source>
        <translation>Integrität anderer Systeme</translation>
    </message>
    <message>
        <source>Integrity of the vulnerable system</source>
        <translation>Integrität des verwundbaren Systems</translation>
    </message>
    <message>
        <source>Integrity requirement</source>
        <translation>Anforderung an die Integrität</translation>
    </message>
    <message>
        <source>Irrecoverable</source>
        <translation>Nicht möglich</translation>
    </message>
    <message>
        <source>Local</source>
        <translation>Lokal</translation>
    </message>
    <message>
        <source>Low</source>
        <translation>Niedrig</translation>
    </message>
    <message>
        <source>Low to medium</source>
        <translation>Niedrig bis mittel</translation>
    </message>
    <message>
        <source>Medium</source>
        <translation>Mittel</translation>
    </message>
    <message>
        <source>Medium to high</source>
        <translation>Mittel bis hoch</translation>
    </message>
    <message>
        <source>Moderate</source>
        <translation>Mäßig</translation>
    </message>
    <message>
        <source>Negligible</source>
        <translation>Vernachlässigbar</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netzwerk</translation>
    </message>
    <message>
        <source>No</source>
        <translation>Nein</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>None reported</source>
        <translation>Nichts gemeldet</translation>
    </message>
    <message>
        <source>Official fix</source>
        <translation>Offizielle Behebung</translation>
    </message>
    <message>
        <source>Once</source>
        <translation>Einmal</translation>
    </message>
    <message>
        <source>Partial</source>
        <translation>Teilweise</translation>
    </message>
    <message>
        <source>Passive</source>
        <translation>Passiv</translation>
    </message>
    <message>
        <source>Physical</source>
        <translation>Physisch</translation>
    </message>
    <message>
        <source>Present</source>
        <translation>Vorhanden</translation>
    </message>
    <message>
        <source>Privileges required</source>
        <translation>Erforderliche Rechte</translation>
    </message>
    <message>
        <source>Proof of concept</source>
        <translation>Proof of Concept</translation>
    </message>
    <message>
        <source>Reasonable</source>
        <translation>Plausibel</translation>
    </message>
    <message>
        <source>Recovery</source>
        <translation>Wiederherstellung</translation>
    </message>
    <message>
        <source>Red</source>
        <translation>Rot</translation>
    </message>
    <message>
        <source>Remediation level</source>
        <translation>Stand der Behebung</translation>
    </message>
    <message>
        <source>Report confidence</source>
        <translation>Verlässlichkeit der Meldung</translation>
    </message>
    <message>
        <source>Required</source>
        <translation>Erforderlich</translation>
    </message>
    <message>
        <source>Response effort</source>
        <translation>Aufwand der Reaktion</translation>
    </message>
    <message>
        <source>Safety</source>
        <translation>Gefahr für Menschen</translation>
    </message>
    <message>
        <source>Safety of people</source>
        <translation>Sicherheit von Menschen</translation>
    </message>
    <message>
        <source>Scope</source>
        <translation>Wirkungsbereich</translation>
    </message>
    <message>
        <source>Several times</source>
        <translation>Mehrmals</translation>
    </message>
    <message>
        <source>Target distribution</source>
        <translation>Verbreitung der Ziele</translation>
    </message>
    <message>
        <source>Temporary fix</source>
        <translation>Vorläufige Behebung</translation>
    </message>
    <message>
        <source>Unavailable</source>
        <translation>Nicht verfügbar</translation>
    </message>
    <message>
        <source>Unchanged</source>
        <translation>Unverändert</translation>
    </message>
    <message>
        <source>Unconfirmed</source>
        <translation>Unbestätigt</translation>
    </message>
    <message>
        <source>Uncorroborated</source>
        <translation>Nicht erhärtet</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>Unbekannt</translation>
    </message>
    <message>
        <source>Unproven</source>
        <translation>Nicht nachgewiesen</translation>
    </message>
    <message>
        <source>Urgency by the provider</source>
        <translation>Dringlichkeit laut Anbieter</translation>
    </message>
    <message>
        <source>User interaction</source>
        <translation>Mitwirkung des Benutzers</translation>
    </message>
    <message>
        <source>Value density</source>
        <translation>Wertdichte</translation>
    </message>
    <message>
        <source>Workaround</source>
        <translation>Umgehungslösung</translation>
    </message>
    <message>
        <source>Yes</source>
        <translation>Ja</translation>
    </message>
    <message>
        <source>{0}, in this environment</source>
        <translation>{0}, in dieser Umgebung</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}: {1}</translation>
    </message>
</context>
<context>
    <name>docker</name>
    <message>
        <source>Checking for Docker</source>
        <translation>Docker wird gesucht</translation>
    </message>
    <message>
        <source>Docker is running</source>
        <translation>Docker läuft</translation>
    </message>
    <message>
        <source>Docker {0} is running</source>
        <translation>Docker {0} läuft</translation>
    </message>
</context>
<context>
    <name>exposure</name>
    <message>
        <source>Exploited</source>
        <translation>Ausgenutzt</translation>
    </message>
    <message>
        <source>Worst</source>
        <translation>Schwerste</translation>
    </message>
    <message>
        <source>{0} exploited</source>
        <translation>{0} ausgenutzt</translation>
    </message>
</context>
<context>
    <name>inbox</name>
    <message numerus="yes">
        <source>%Ln (is|are) being exploited</source>
        <translation>
            <numerusform>%Ln wird ausgenutzt</numerusform>
            <numerusform>%Ln werden ausgenutzt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln exploited vulnerabilit(y|ies) (is|are) new</source>
        <translation>
            <numerusform>%Ln ausgenutzte Schwachstelle ist neu</numerusform>
            <numerusform>%Ln ausgenutzte Schwachstellen sind neu</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) (is|are) new</source>
        <translation>
            <numerusform>%Ln Schwachstelle ist neu</numerusform>
            <numerusform>%Ln Schwachstellen sind neu</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) that concern(s|) the team (is|are) new</source>
        <translation>
            <numerusform>%Ln neue Schwachstelle betrifft das Team</numerusform>
            <numerusform>%Ln neue Schwachstellen betreffen das Team</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) that concern(s|) this PC (is|are) new</source>
        <translation>
            <numerusform>%Ln neue Schwachstelle betrifft diesen PC</numerusform>
            <numerusform>%Ln neue Schwachstellen betreffen diesen PC</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) that concern(s|) you (is|are) new</source>
        <translation>
            <numerusform>%Ln neue Schwachstelle betrifft Sie</numerusform>
            <numerusform>%Ln neue Schwachstellen betreffen Sie</numerusform>
        </translation>
    </message>
    <message>
        <source>All PCs</source>
        <translation>Alle PCs</translation>
    </message>
    <message>
        <source>All events of all vulnerabilities</source>
        <translation>Alle Ereignisse aller Schwachstellen</translation>
    </message>
    <message>
        <source>All services are stopped</source>
        <translation>Alle Dienste sind beendet</translation>
    </message>
    <message>
        <source>All that is known to be exploited</source>
        <translation>Alles, was bekanntermaßen ausgenutzt wird</translation>
    </message>
    <message>
        <source>All {0} sources checked {1}</source>
        <translation>Alle {0} Quellen {1} geprüft</translation>
    </message>
    <message>
        <source>An update fetches all known vulnerabilities. It takes 10 to 30 minutes.</source>
        <translation>Eine Aktualisierung holt alle bekannten Schwachstellen. Sie dauert 10 bis 30 Minuten.</translation>
    </message>
    <message>
        <source>As of {0}: {1}</source>
        <translation>Stand {0}: {1}</translation>
    </message>
    <message>
        <source>Due soon</source>
        <translation>Bald fällig</translation>
    </message>
    <message>
        <source>Due {0}</source>
        <translation>Fällig {0}</translation>
    </message>
    <message>
        <source>EPSS is {0}</source>
        <translation>EPSS beträgt {0}</translation>
    </message>
    <message>
        <source>EPSS rose from {0} to {1}</source>
        <translation>EPSS von {0} auf {1} gestiegen</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>Alles</translation>
    </message>
    <message>
        <source>Exploited</source>
        <translation>Ausgenutzt</translation>
    </message>
    <message>
        <source>Exploited, {0}</source>
        <translation>Ausgenutzt, {0}</translation>
    </message>
    <message>
        <source>Found {0}</source>
        <translation>Gefunden {0}</translation>
    </message>
    <message>
        <source>I have a file</source>
        <translation>Ich habe eine Datei</translation>
    </message>
    <message>
        <source>Installed {0}</source>
        <translation>Installiert {0}</translation>
    </message>
    <message>
        <source>It takes 10 to 30 minutes. You can close the window meanwhile.</source>
        <translation>Es dauert 10 bis 30 Minuten. Sie können das Fenster inzwischen schließen.</translation>
    </message>
    <message>
        <source>Last 24 hours</source>
        <translation>Letzte 24 Stunden</translation>
    </message>
    <message>
        <source>Last 30 days</source>
        <translation>Letzte 30 Tage</translation>
    </message>
    <message>
        <source>Last 7 days</source>
        <translation>Letzte 7 Tage</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>Wird geladen…</translation>
    </message>
    <message>
        <source>Mine</source>
        <translation>Meine</translation>
    </message>
    <message>
        <source>New critical</source>
        <translation>Neu und kritisch</translation>
    </message>
    <message>
        <source>No data yet</source>
        <translation>Noch keine Daten</translation>
    </message>
    <message>
        <source>No longer {0}</source>
        <translation>Nicht mehr {0}</translation>
    </message>
    <message>
        <source>No vulnerabilities yet</source>
        <translation>Noch keine Schwachstellen</translation>
    </message>
    <message>
        <source>Nothing has happened in this time</source>
        <translation>In dieser Zeit ist nichts geschehen</translation>
    </message>
    <message>
        <source>Nothing is known to concern you yet</source>
        <translation>Noch ist nichts bekannt, das Sie betrifft</translation>
    </message>
    <message>
        <source>Nothing new</source>
        <translation>Nichts Neues</translation>
    </message>
    <message>
        <source>Nothing new that concerns the team</source>
        <translation>Nichts Neues, das das Team betrifft</translation>
    </message>
    <message>
        <source>Nothing new that concerns this PC</source>
        <translation>Nichts Neues, das diesen PC betrifft</translation>
    </message>
    <message>
        <source>Nothing new that concerns you</source>
        <translation>Nichts Neues, das Sie betrifft</translation>
    </message>
    <message>
        <source>Nothing to show yet</source>
        <translation>Noch nichts anzuzeigen</translation>
    </message>
    <message>
        <source>Nothing unread</source>
        <translation>Nichts Ungelesenes</translation>
    </message>
    <message>
        <source>Now exploited</source>
        <translation>Jetzt ausgenutzt</translation>
    </message>
    <message>
        <source>On the watchlist: {0}</source>
        <translation>Auf der Beobachtungsliste: {0}</translation>
    </message>
    <message>
        <source>Overdue {0}</source>
        <translation>Überfällig {0}</translation>
    </message>
    <message>
        <source>See the message above.</source>
        <translation>Beachten Sie die Meldung oben.</translation>
    </message>
    <message>
        <source>Show the last 30 days</source>
        <translation>Die letzten 30 Tage anzeigen</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>The data are kept, but not updated.</source>
        <translation>Die Daten bleiben erhalten, werden aber nicht aktualisiert.</translation>
    </message>
    <message>
        <source>The first update is running</source>
        <translation>Die erste Aktualisierung läuft</translation>
    </message>
    <message>
        <source>The inbox could not be loaded</source>
        <translation>Der Eingang konnte nicht geladen werden</translation>
    </message>
    <message>
        <source>The services are starting</source>
        <translation>Die Dienste starten</translation>
    </message>
    <message>
        <source>This PC</source>
        <translation>Dieser PC</translation>
    </message>
    <message>
        <source>This takes a few seconds.</source>
        <translation>Das dauert einige Sekunden.</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Unread</source>
        <translation>Ungelesen</translation>
    </message>
    <message>
        <source>Waiting for the services</source>
        <translation>Warten auf die Dienste</translation>
    </message>
    <message>
        <source>What happens next appears here.</source>
        <translation>Was als Nächstes geschieht, erscheint hier.</translation>
    </message>
    <message>
        <source>What is installed here or on the watchlist</source>
        <translation>Was hier installiert ist oder auf der Beobachtungsliste steht</translation>
    </message>
    <message>
        <source>What is installed here or on the watchlist: icon, menu and notifications are about this</source>
        <translation>Was hier installiert ist oder auf der Beobachtungsliste steht: darum geht es in Symbol, Menü und Benachrichtigungen</translation>
    </message>
    <message>
        <source>What is installed on a PC of the team or on the watchlist</source>
        <translation>Was auf einem PC des Teams installiert ist oder auf der Beobachtungsliste steht</translation>
    </message>
    <message>
        <source>What is installed on this PC has not been looked at, and nothing is watched.</source>
        <translation>Noch wurde nicht untersucht, was auf diesem PC installiert ist, und nichts wird beobachtet.</translation>
    </message>
    <message>
        <source>acknowledged</source>
        <translation>zur Kenntnis genommen</translation>
    </message>
    <message>
        <source>ignored</source>
        <translation>ignoriert</translation>
    </message>
    <message numerus="yes">
        <source>on %Ln PC(s)</source>
        <translation>
            <numerusform>auf %Ln PC</numerusform>
            <numerusform>auf %Ln PCs</numerusform>
        </translation>
    </message>
    <message>
        <source>on this PC</source>
        <translation>auf diesem PC</translation>
    </message>
    <message>
        <source>on {0}</source>
        <translation>auf {0}</translation>
    </message>
    <message>
        <source>{0} of {1} sources checked {2}</source>
        <translation>{0} von {1} Quellen {2} geprüft</translation>
    </message>
    <message>
        <source>{0} → {1}</source>
        <translation>{0} → {1}</translation>
    </message>
    <message>
        <source>{0}, {1}</source>
        <translation>{0}, {1}</translation>
    </message>
    <message>
        <source>{0}. Nothing was new as of {1}.</source>
        <translation>{0}. Stand {1} gab es nichts Neues.</translation>
    </message>
    <message>
        <source>{0}. What is new is not known.</source>
        <translation>{0}. Was neu ist, ist nicht bekannt.</translation>
    </message>
    <message>
        <source>→ {0}</source>
        <translation>→ {0}</translation>
    </message>
</context>
<context>
    <name>logs</name>
    <message>
        <source>… {0} skipped: written faster than they can be shown …</source>
        <translation>… {0} übersprungen: schneller geschrieben, als sich anzeigen lässt …</translation>
    </message>
</context>
<context>
    <name>merge rule</name>
    <message>
        <source>A score of version 3 or later goes before one of version 2. Among them NVD's own counts first, then the CNA's, CISA's and EUVD's; of one origin the newest version.</source>
        <translation>Ein Wert der Version 3 oder neuer geht einem der Version 2 vor. Unter ihnen zählt zuerst der von NVD selbst, dann der der CNA, der CISA und der EUVD; bei gleicher Herkunft die neueste Version.</translation>
    </message>
    <message>
        <source>All assessments, each once.</source>
        <translation>Alle Bewertungen, jede einmal.</translation>
    </message>
    <message>
        <source>All ids, in the order CNA, NVD, CISA, EUVD.</source>
        <translation>Alle IDs, in der Reihenfolge CNA, NVD, CISA, EUVD.</translation>
    </message>
    <message>
        <source>All names, united where only the spelling differs.</source>
        <translation>Alle Namen; solche, die sich nur in der Schreibweise unterscheiden, vereint.</translation>
    </message>
    <message>
        <source>All other ids.</source>
        <translation>Alle anderen IDs.</translation>
    </message>
    <message>
        <source>All other spellings of the vendors and products.</source>
        <translation>Alle anderen Schreibweisen der Hersteller und Produkte.</translation>
    </message>
    <message>
        <source>All statements.</source>
        <translation>Alle Aussagen.</translation>
    </message>
    <message>
        <source>All statements; NVD's copy of the CNA's only where MITRE's record has not arrived.</source>
        <translation>Alle Aussagen; die Kopie der CNA-Aussage bei NVD nur dort, wo der Eintrag von MITRE noch fehlt.</translation>
    </message>
    <message>
        <source>All tags.</source>
        <translation>Alle Schlagwörter.</translation>
    </message>
    <message>
        <source>Each address once, with the tags of all sources.</source>
        <translation>Jede Adresse einmal, mit den Schlagwörtern aller Quellen.</translation>
    </message>
    <message>
        <source>FIRST's estimate, else EUVD's copy of it.</source>
        <translation>Die Schätzung von FIRST, sonst die Kopie in der EUVD.</translation>
    </message>
    <message>
        <source>Follows from the score.</source>
        <translation>Ergibt sich aus dem Wert.</translation>
    </message>
    <message>
        <source>From CISA's catalogue.</source>
        <translation>Aus dem Katalog der CISA.</translation>
    </message>
    <message>
        <source>From FIRST.</source>
        <translation>Von FIRST.</translation>
    </message>
    <message>
        <source>From NVD.</source>
        <translation>Von NVD.</translation>
    </message>
    <message>
        <source>MITRE's date from ids of 2023 on, since its earlier ones are often the day of a migration; NVD's before.</source>
        <translation>Bei IDs ab 2023 das Datum von MITRE, da dessen frühere Angaben oft der Tag einer Umstellung sind; davor das von NVD.</translation>
    </message>
    <message>
        <source>MITRE's word, since the CNA decides; NVD's where its newer record is rejected.</source>
        <translation>Die Angabe von MITRE, denn die CNA entscheidet; die von NVD, wenn deren neuerer Eintrag abgelehnt ist.</translation>
    </message>
    <message>
        <source>That of the score.</source>
        <translation>Wie beim Wert.</translation>
    </message>
    <message>
        <source>The CNA's own text first: MITRE, then NVD, EUVD and CISA.</source>
        <translation>Zuerst der Text der CNA selbst: MITRE, dann NVD, EUVD und CISA.</translation>
    </message>
    <message>
        <source>The CNA's title, else CISA's, else the beginning of the description.</source>
        <translation>Der Titel der CNA, sonst der der CISA, sonst der Anfang der Beschreibung.</translation>
    </message>
    <message>
        <source>The newest date of all sources.</source>
        <translation>Das neueste Datum aller Quellen.</translation>
    </message>
    <message>
        <source>The strongest of CISA's decisions, through whichever source it arrives.</source>
        <translation>Die stärkste Entscheidung der CISA, gleich über welche Quelle sie eintrifft.</translation>
    </message>
    <message>
        <source>Whether CISA's catalogue lists it.</source>
        <translation>Ob sie im Katalog der CISA steht.</translation>
    </message>
    <message>
        <source>Whether the EU's catalogue lists it.</source>
        <translation>Ob sie im Katalog der EU steht.</translation>
    </message>
</context>
<context>
    <name>notification</name>
    <message numerus="yes">
        <source>%Ln of them (is|are) being exploited</source>
        <translation>
            <numerusform>%Ln davon wird ausgenutzt</numerusform>
            <numerusform>%Ln davon werden ausgenutzt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) (is|are) known</source>
        <translation>
            <numerusform>%Ln Schwachstelle ist bekannt</numerusform>
            <numerusform>%Ln Schwachstellen sind bekannt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) in it (is|are) being exploited.</source>
        <translation>
            <numerusform>%Ln Schwachstelle darin wird ausgenutzt.</numerusform>
            <numerusform>%Ln Schwachstellen darin werden ausgenutzt.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) in it (is|are) new.</source>
        <translation>
            <numerusform>%Ln Schwachstelle darin ist neu.</numerusform>
            <numerusform>%Ln Schwachstellen darin sind neu.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) that concern(s|) you (is|are) being exploited</source>
        <translation>
            <numerusform>%Ln ausgenutzte Schwachstelle betrifft Sie</numerusform>
            <numerusform>%Ln ausgenutzte Schwachstellen betreffen Sie</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) that concern(s|) you (is|are) new</source>
        <translation>
            <numerusform>%Ln neue Schwachstelle betrifft Sie</numerusform>
            <numerusform>%Ln neue Schwachstellen betreffen Sie</numerusform>
        </translation>
    </message>
    <message>
        <source>A critical vulnerability in it has become known.</source>
        <translation>Eine kritische Schwachstelle darin ist bekannt geworden.</translation>
    </message>
    <message>
        <source>A vulnerability in it has become more likely to be exploited.</source>
        <translation>Die Ausnutzung einer Schwachstelle darin ist wahrscheinlicher geworden.</translation>
    </message>
    <message>
        <source>A vulnerability in it is being exploited.</source>
        <translation>Eine Schwachstelle darin wird ausgenutzt.</translation>
    </message>
    <message>
        <source>CISA's due date for a vulnerability in it is near.</source>
        <translation>Die Frist der CISA für eine Schwachstelle darin läuft bald ab.</translation>
    </message>
    <message>
        <source>Computing the statistics</source>
        <translation>Die Berechnung der Statistik</translation>
    </message>
    <message>
        <source>During quiet hours</source>
        <translation>Während der Ruhezeit</translation>
    </message>
    <message>
        <source>It is not installed automatically. The download page is linked in Settings.</source>
        <translation>Sie wird nicht automatisch installiert. Die Download-Seite ist in den Einstellungen verlinkt.</translation>
    </message>
    <message>
        <source>Matching what is installed</source>
        <translation>Der Abgleich der installierten Programme</translation>
    </message>
    <message>
        <source>Open it to see what to do.</source>
        <translation>Öffnen Sie die Meldung, um zu sehen, was zu tun ist.</translation>
    </message>
    <message>
        <source>OpenThreat {0} is available</source>
        <translation>OpenThreat {0} ist verfügbar</translation>
    </message>
    <message>
        <source>Sending to the webhooks</source>
        <translation>Das Senden an die Webhooks</translation>
    </message>
    <message>
        <source>The cleanup</source>
        <translation>Die Bereinigung</translation>
    </message>
    <message>
        <source>The first update is done</source>
        <translation>Die erste Aktualisierung ist fertig</translation>
    </message>
    <message>
        <source>The report</source>
        <translation>Der Bericht</translation>
    </message>
    <message>
        <source>The test</source>
        <translation>Der Test</translation>
    </message>
    <message>
        <source>The update</source>
        <translation>Die Aktualisierung</translation>
    </message>
    <message>
        <source>Update completed</source>
        <translation>Aktualisierung abgeschlossen</translation>
    </message>
    <message>
        <source>Update to {0}.</source>
        <translation>Aktualisieren Sie auf {0}.</translation>
    </message>
    <message>
        <source>{0} and {1} more</source>
        <translation>{0} und {1} weitere</translation>
    </message>
    <message>
        <source>{0} on this PC</source>
        <translation>{0} auf diesem PC</translation>
    </message>
    <message>
        <source>{0} on {1}</source>
        <translation>{0} auf {1}</translation>
    </message>
    <message>
        <source>{0} times since the last notification.</source>
        <translation>{0}-mal seit der letzten Benachrichtigung.</translation>
    </message>
    <message>
        <source>{0}, {1}.</source>
        <translation>{0}, {1}.</translation>
    </message>
</context>
<context>
    <name>notifications</name>
    <message>
        <source>Notification</source>
        <translation>Benachrichtigung</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
</context>
<context>
    <name>pages</name>
    <message>
        <source>Diagnostics</source>
        <translation>Diagnose</translation>
    </message>
    <message>
        <source>Inbox</source>
        <translation>Eingang</translation>
    </message>
    <message>
        <source>Logs</source>
        <translation>Protokolle</translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation>Benachrichtigungen</translation>
    </message>
    <message>
        <source>PCs</source>
        <translation>PCs</translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation>Zeitplan</translation>
    </message>
    <message>
        <source>Services</source>
        <translation>Dienste</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>System</source>
        <translation>System</translation>
    </message>
    <message>
        <source>Tasks</source>
        <translation>Aufgaben</translation>
    </message>
    <message>
        <source>This PC</source>
        <translation>Dieser PC</translation>
    </message>
    <message>
        <source>Vulnerabilities</source>
        <translation>Schwachstellen</translation>
    </message>
    <message>
        <source>Watchlist</source>
        <translation>Beobachtungsliste</translation>
    </message>
</context>
<context>
    <name>pause</name>
    <message>
        <source>Paused until resumed</source>
        <translation>Angehalten bis zum Fortsetzen</translation>
    </message>
    <message>
        <source>Paused until {0}</source>
        <translation>Angehalten bis {0}</translation>
    </message>
    <message>
        <source>Paused until {0}, {1}</source>
        <translation>Angehalten bis {0}, {1}</translation>
    </message>
</context>
<context>
    <name>pcs</name>
    <message numerus="yes">
        <source>%Ln more PC(s) (is|are) not listed.</source>
        <translation>
            <numerusform>%Ln weiterer PC ist nicht aufgeführt.</numerusform>
            <numerusform>%Ln weitere PCs sind nicht aufgeführt.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln of {0} PCs (has|have) known vulnerabilities. None is exploited.</source>
        <translation>
            <numerusform>%Ln von {0} PCs hat bekannte Schwachstellen. Keine wird ausgenutzt.</numerusform>
            <numerusform>%Ln von {0} PCs haben bekannte Schwachstellen. Keine wird ausgenutzt.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln of {0} PCs (has|have) vulnerabilities that are being exploited.</source>
        <translation>
            <numerusform>%Ln von {0} PCs hat Schwachstellen, die ausgenutzt werden.</numerusform>
            <numerusform>%Ln von {0} PCs haben Schwachstellen, die ausgenutzt werden.</numerusform>
        </translation>
    </message>
    <message>
        <source>Known</source>
        <translation>Bekannt</translation>
    </message>
    <message>
        <source>Last seen</source>
        <translation>Zuletzt gesehen</translation>
    </message>
    <message numerus="yes">
        <source>No known vulnerability affects what is installed on %Ln PC(s).</source>
        <translation>
            <numerusform>Keine bekannte Schwachstelle betrifft, was auf %Ln PC installiert ist.</numerusform>
            <numerusform>Keine bekannte Schwachstelle betrifft, was auf %Ln PCs installiert ist.</numerusform>
        </translation>
    </message>
    <message>
        <source>PC</source>
        <translation>PC</translation>
    </message>
    <message>
        <source>PCs</source>
        <translation>PCs</translation>
    </message>
    <message>
        <source>PCs that have the program</source>
        <translation>PCs mit diesem Programm</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>Programm</translation>
    </message>
    <message>
        <source>Programs</source>
        <translation>Programme</translation>
    </message>
    <message>
        <source>Programs of all PCs</source>
        <translation>Programme aller PCs</translation>
    </message>
    <message>
        <source>Programs of the PC</source>
        <translation>Programme des PCs</translation>
    </message>
    <message>
        <source>Update to</source>
        <translation>Aktualisieren auf</translation>
    </message>
    <message>
        <source>User</source>
        <translation>Benutzer</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Version</translation>
    </message>
    <message>
        <source>{0} (this PC)</source>
        <translation>{0} (dieser PC)</translation>
    </message>
    <message numerus="yes">
        <source>{0} on %Ln PC(s)</source>
        <translation>
            <numerusform>{0} auf %Ln PC</numerusform>
            <numerusform>{0} auf %Ln PCs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>problem</name>
    <message>
        <source> One of them, {record}: {reason}.</source>
        <translation> Einer davon, {record}: {reason}.</translation>
    </message>
    <message>
        <source> since {value1}</source>
        <translation> seit {value1}</translation>
    </message>
    <message>
        <source>A base address cannot be used</source>
        <translation>Eine Basisadresse kann nicht verwendet werden</translation>
    </message>
    <message>
        <source>A bundle is being loaded</source>
        <translation>Ein Datenpaket wird gerade geladen</translation>
    </message>
    <message>
        <source>A certificate could not be verified</source>
        <translation>Ein Zertifikat konnte nicht geprüft werden</translation>
    </message>
    <message>
        <source>A container does not work</source>
        <translation>Ein Container funktioniert nicht</translation>
    </message>
    <message>
        <source>A database can be made, written and read</source>
        <translation>Eine Datenbank kann angelegt, beschrieben und gelesen werden</translation>
    </message>
    <message>
        <source>A download cannot be written</source>
        <translation>Ein Download kann nicht gespeichert werden</translation>
    </message>
    <message>
        <source>A downloaded file cannot be used</source>
        <translation>Eine heruntergeladene Datei kann nicht verwendet werden</translation>
    </message>
    <message>
        <source>A field is longer than 400 characters.</source>
        <translation>Ein Feld ist länger als 400 Zeichen.</translation>
    </message>
    <message>
        <source>A field is longer than {MAX_NAME} characters.</source>
        <translation>Ein Feld ist länger als {MAX_NAME} Zeichen.</translation>
    </message>
    <message>
        <source>A key has {value1} hexadecimal digits.</source>
        <translation>Ein Schlüssel hat {value1} Hexadezimalziffern.</translation>
    </message>
    <message>
        <source>A library that windows need is missing: {error}.</source>
        <translation>Eine Bibliothek fehlt, die für Fenster nötig ist: {error}.</translation>
    </message>
    <message>
        <source>A message passes the {name}</source>
        <translation>Eine Nachricht durchläuft den Dienst {name}</translation>
    </message>
    <message>
        <source>A page has no records, although {value1} are left.</source>
        <translation>Eine Seite enthält keine Einträge, obwohl noch {value1} fehlen.</translation>
    </message>
    <message>
        <source>A page of records has an unexpected format: {error}.</source>
        <translation>Eine Seite mit Einträgen hat ein unerwartetes Format: {error}.</translation>
    </message>
    <message>
        <source>A part of it is far too long.</source>
        <translation>Ein Teil davon ist viel zu lang.</translation>
    </message>
    <message>
        <source>A port is not available</source>
        <translation>Ein Port ist nicht verfügbar</translation>
    </message>
    <message>
        <source>A proxy, a firewall or the sign-in page of a network may have answered in its place. Open the address in a browser to see the page, and allow the address there; the next update tries again automatically.</source>
        <translation>Möglicherweise hat stattdessen ein Proxy, eine Firewall oder die Anmeldeseite eines Netzwerks geantwortet. Öffnen Sie die Adresse in einem Browser, um die Seite zu sehen, und geben Sie die Adresse dort frei; die nächste Aktualisierung versucht es automatisch erneut.</translation>
    </message>
    <message>
        <source>A restart of {service} a few minutes ago did not help. It will be restarted again later.</source>
        <translation>Ein Neustart von {service} vor einigen Minuten half nicht. Später wird noch einmal neu gestartet.</translation>
    </message>
    <message>
        <source>A setting cannot be used</source>
        <translation>Eine Einstellung ist unbrauchbar</translation>
    </message>
    <message>
        <source>A stored record cannot be read: {reason}.</source>
        <translation>Ein gespeicherter Eintrag ist nicht lesbar: {reason}.</translation>
    </message>
    <message>
        <source>A task is stuck in the queue</source>
        <translation>Eine Aufgabe hängt in der Warteschlange fest</translation>
    </message>
    <message>
        <source>A task is waiting in the queue {queue} although a worker is idle.</source>
        <translation>In der Warteschlange {queue} wartet eine Aufgabe, obwohl ein Worker nichts zu tun hat.</translation>
    </message>
    <message>
        <source>A task makes no progress</source>
        <translation>Eine Aufgabe kommt nicht voran</translation>
    </message>
    <message>
        <source>A task took too long</source>
        <translation>Eine Aufgabe hat zu lange gedauert</translation>
    </message>
    <message>
        <source>A worker runs a task</source>
        <translation>Ein Worker führt eine Aufgabe aus</translation>
    </message>
    <message>
        <source>API</source>
        <translation>API</translation>
    </message>
    <message>
        <source>Add it to the group docker (on Windows docker-users) and sign in again, or use the built-in database.</source>
        <translation>Nehmen Sie es in die Gruppe docker auf (unter Windows docker-users) und melden Sie sich neu an, oder verwenden Sie die integrierte Datenbank.</translation>
    </message>
    <message>
        <source>Address and secret are in the keyring of {holder}.</source>
        <translation>Adresse und Geheimnis liegen im Schlüsselbund von {holder}.</translation>
    </message>
    <message>
        <source>Address too long</source>
        <translation>Adresse zu lang</translation>
    </message>
    <message>
        <source>Affected: {names}.</source>
        <translation>Betroffen: {names}.</translation>
    </message>
    <message>
        <source>After a new version this may take some minutes.</source>
        <translation>Nach einer neuen Version kann das einige Minuten dauern.</translation>
    </message>
    <message>
        <source>After a new version this may take some minutes{done}.</source>
        <translation>Nach einer neuen Version kann das einige Minuten dauern{done}.</translation>
    </message>
    <message>
        <source>All addresses are listed at /docs.</source>
        <translation>Alle Adressen stehen unter /docs.</translation>
    </message>
    <message>
        <source>All connections of this process are in use.</source>
        <translation>Alle Verbindungen dieses Prozesses sind in Gebrauch.</translation>
    </message>
    <message>
        <source>All parts of the program can be loaded</source>
        <translation>Alle Teile des Programms können geladen werden</translation>
    </message>
    <message>
        <source>All services are stopped</source>
        <translation>Alle Dienste sind beendet</translation>
    </message>
    <message>
        <source>All sources are turned off</source>
        <translation>Alle Quellen sind ausgeschaltet</translation>
    </message>
    <message>
        <source>All versions are stated, without bounds</source>
        <translation>Alle Versionen sind angegeben, ohne Grenzen</translation>
    </message>
    <message>
        <source>Allow this account to write there, or choose another folder under Reports in the settings.</source>
        <translation>Erlauben Sie diesem Konto, dort zu schreiben, oder wählen Sie in den Einstellungen unter Berichte einen anderen Ordner.</translation>
    </message>
    <message>
        <source>An administrator can make another one: `openthreat token create NAME --role ROLE`.</source>
        <translation>Ein Administrator kann ein anderes erstellen: `openthreat token create NAME --role ROLE`.</translation>
    </message>
    <message>
        <source>An administrator may have forbidden it.</source>
        <translation>Möglicherweise hat ein Administrator es verboten.</translation>
    </message>
    <message>
        <source>An example is "0 */2 * * *": at minute 0 of every second hour.</source>
        <translation>Ein Beispiel ist "0 */2 * * *": in Minute 0 jeder zweiten Stunde.</translation>
    </message>
    <message>
        <source>An id looks like CVE-2024-3094, EUVD-2024-1234 or GHSA-2222-3333-4444.</source>
        <translation>Eine Kennung sieht aus wie CVE-2024-3094, EUVD-2024-1234 oder GHSA-2222-3333-4444.</translation>
    </message>
    <message>
        <source>An inventory has at most {value1} MB, two million lines and a few thousand entries.</source>
        <translation>Ein Inventar hat höchstens {value1} MB, zwei Millionen Zeilen und einige Tausend Einträge.</translation>
    </message>
    <message>
        <source>An update has nothing to read.</source>
        <translation>Eine Aktualisierung hat nichts zu lesen.</translation>
    </message>
    <message>
        <source>An update makes it anew from the records; it starts by itself.</source>
        <translation>Eine Aktualisierung baut ihn aus den Einträgen neu auf; sie startet von selbst.</translation>
    </message>
    <message>
        <source>Android</source>
        <translation>Android</translation>
    </message>
    <message>
        <source>Another OpenThreat uses the port</source>
        <translation>Ein anderes OpenThreat verwendet den Port</translation>
    </message>
    <message>
        <source>Another process does this.</source>
        <translation>Das erledigt ein anderer Prozess.</translation>
    </message>
    <message>
        <source>Another program, or a long step of an update, has locked it for more than half a minute.</source>
        <translation>Ein anderes Programm oder ein langer Schritt einer Aktualisierung sperrt sie seit mehr als einer halben Minute.</translation>
    </message>
    <message>
        <source>Another program, or a long step of an update, has locked {path} for {BUSY_TIMEOUT} s.</source>
        <translation>Ein anderes Programm oder ein langer Schritt einer Aktualisierung sperrt {path} seit {BUSY_TIMEOUT} s.</translation>
    </message>
    <message>
        <source>Another worker has taken over this run because this one had no heartbeat.</source>
        <translation>Ein anderer Worker hat diesen Lauf übernommen, weil von diesem kein Lebenszeichen kam.</translation>
    </message>
    <message>
        <source>Another worker has taken over this run.</source>
        <translation>Ein anderer Worker hat diesen Lauf übernommen.</translation>
    </message>
    <message>
        <source>Automatic updates are off</source>
        <translation>Automatische Aktualisierungen sind ausgeschaltet</translation>
    </message>
    <message>
        <source>Base address that replaces scheme and host of {service}; the rest of the path stays.</source>
        <translation>Basisadresse, die Schema und Host von {service} ersetzt; der übrige Pfad bleibt.</translation>
    </message>
    <message>
        <source>CISA</source>
        <translation>CISA</translation>
    </message>
    <message>
        <source>CSV, JSON, .reg, winget's export, CycloneDX, SPDX, requirements.txt and package-lock.json can be read.</source>
        <translation>CSV, JSON, .reg, der Export von winget, CycloneDX, SPDX, requirements.txt und package-lock.json können gelesen werden.</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>Cannot listen on {host}</source>
        <translation>Auf {host} kann nicht gelauscht werden</translation>
    </message>
    <message>
        <source>Change it there, or enter the address as well: then this PC sends.</source>
        <translation>Ändern Sie es dort, oder geben Sie auch die Adresse ein: Dann sendet dieser PC.</translation>
    </message>
    <message>
        <source>Check that PostgreSQL is running there and that DATABASE_URL is right; work then continues by itself.</source>
        <translation>Prüfen Sie, ob PostgreSQL dort läuft und DATABASE_URL stimmt; danach geht es von selbst weiter.</translation>
    </message>
    <message>
        <source>Check that it is running. Work continues automatically when it answers.</source>
        <translation>Prüfen Sie, ob sie läuft. Die Arbeit geht automatisch weiter, sobald sie antwortet.</translation>
    </message>
    <message>
        <source>Check that its folder exists and is writable, and that the disk has no errors.</source>
        <translation>Prüfen Sie, ob der Ordner vorhanden und beschreibbar ist und der Datenträger fehlerfrei ist.</translation>
    </message>
    <message>
        <source>Check that this folder exists and may be written to.</source>
        <translation>Prüfen Sie, ob dieser Ordner vorhanden und beschreibbar ist.</translation>
    </message>
    <message>
        <source>Check the base addresses (OPENTHREAT_…_URL) and the proxy settings.</source>
        <translation>Prüfen Sie die Basisadressen (OPENTHREAT_…_URL) und die Proxy-Einstellungen.</translation>
    </message>
    <message>
        <source>Check the broker's configuration; waiting tasks are then sent.</source>
        <translation>Prüfen Sie die Konfiguration des Brokers; wartende Aufgaben werden dann gesendet.</translation>
    </message>
    <message>
        <source>Check the clock of this computer. Where a company inspects connections, choose its certificate file under Network in the settings (OPENTHREAT_CA_FILE).</source>
        <translation>Prüfen Sie die Uhr dieses Computers. Wo eine Firma Verbindungen untersucht, wählen Sie deren Zertifikatsdatei in den Einstellungen unter Netzwerk (OPENTHREAT_CA_FILE).</translation>
    </message>
    <message>
        <source>Check the clock of this computer. Where a company inspects connections, choose its certificate file under Network in the settings.</source>
        <translation>Prüfen Sie die Uhr dieses Computers. Wenn eine Firma Verbindungen untersucht, wählen Sie ihre Zertifikatsdatei unter „Netzwerk“ in den Einstellungen.</translation>
    </message>
    <message>
        <source>Check the connection to the Internet. The download is retried every few minutes.</source>
        <translation>Prüfen Sie die Internetverbindung. Der Download wird alle paar Minuten erneut versucht.</translation>
    </message>
    <message>
        <source>Check the internet connection and the proxy settings; the next update tries again automatically.</source>
        <translation>Prüfen Sie die Internetverbindung und die Proxy-Einstellungen; die nächste Aktualisierung versucht es automatisch erneut.</translation>
    </message>
    <message>
        <source>Check the network connection and the proxy settings; the next update tries again automatically.</source>
        <translation>Prüfen Sie die Netzwerkverbindung und die Proxy-Einstellungen; die nächste Aktualisierung versucht es automatisch erneut.</translation>
    </message>
    <message>
        <source>Check the permissions of that folder.</source>
        <translation>Prüfen Sie die Berechtigungen dieses Ordners.</translation>
    </message>
    <message>
        <source>Check the permissions of the data folder.</source>
        <translation>Prüfen Sie die Berechtigungen des Datenordners.</translation>
    </message>
    <message>
        <source>Check the proxy, its user and its password under Network in the settings (OPENTHREAT_PROXY, OPENTHREAT_PROXY_PASSWORD).</source>
        <translation>Prüfen Sie den Proxy, seinen Benutzer und sein Kennwort in den Einstellungen unter Netzwerk (OPENTHREAT_PROXY, OPENTHREAT_PROXY_PASSWORD).</translation>
    </message>
    <message>
        <source>Check the proxy, its user and its password under Network in the settings.</source>
        <translation>Prüfen Sie den Proxy, seinen Benutzer und sein Kennwort unter „Netzwerk“ in den Einstellungen.</translation>
    </message>
    <message>
        <source>Check the receiver, and test the webhook in the settings.</source>
        <translation>Prüfen Sie den Empfänger, und testen Sie den Webhook in den Einstellungen.</translation>
    </message>
    <message>
        <source>Check the services and their logs, and try again later.</source>
        <translation>Prüfen Sie die Dienste und ihre Protokolle und versuchen Sie es später erneut.</translation>
    </message>
    <message>
        <source>Choose a file made by `openthreat bundle create`.</source>
        <translation>Wählen Sie eine Datei, die mit `openthreat bundle create` erstellt wurde.</translation>
    </message>
    <message>
        <source>Choose a file with the certificate in PEM or DER under Network in the settings, or remove it there (OPENTHREAT_CA_FILE).</source>
        <translation>Wählen Sie in den Einstellungen unter Netzwerk eine Datei mit dem Zertifikat in PEM oder DER, oder entfernen Sie sie dort (OPENTHREAT_CA_FILE).</translation>
    </message>
    <message>
        <source>Choose another file.</source>
        <translation>Wählen Sie eine andere Datei.</translation>
    </message>
    <message>
        <source>Choose another folder.</source>
        <translation>Wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
        <source>Choose another name, or revoke that token first.</source>
        <translation>Wählen Sie einen anderen Namen, oder widerrufen Sie zuerst jenes Token.</translation>
    </message>
    <message>
        <source>Choose another name.</source>
        <translation>Wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
        <source>Choose another proxy under Network in the settings, or set OPENTHREAT_PROXY.</source>
        <translation>Wählen Sie in den Einstellungen unter Netzwerk einen anderen Proxy, oder setzen Sie OPENTHREAT_PROXY.</translation>
    </message>
    <message>
        <source>Choose the other kind of encryption, or another port, under Reports in the settings.</source>
        <translation>Wählen Sie in den Einstellungen unter Berichte die andere Art der Verschlüsselung oder einen anderen Port.</translation>
    </message>
    <message>
        <source>Choose “Switch to Linux containers” in Docker Desktop's menu.</source>
        <translation>Wählen Sie „Switch to Linux containers“ im Menü von Docker Desktop.</translation>
    </message>
    <message>
        <source>Compare the files in {folder}.</source>
        <translation>Vergleichen Sie die Dateien in {folder}.</translation>
    </message>
    <message>
        <source>Correct NVD_API_KEY or remove it: updates also work without a key, only slower. Request a new key at nvd.nist.gov/developers/request-an-api-key.</source>
        <translation>Berichtigen Sie NVD_API_KEY oder entfernen Sie ihn: Aktualisierungen gehen auch ohne Schlüssel, nur langsamer. Einen neuen Schlüssel gibt es unter nvd.nist.gov/developers/request-an-api-key.</translation>
    </message>
    <message>
        <source>Correct it in settings.toml.</source>
        <translation>Berichtigen Sie ihn in settings.toml.</translation>
    </message>
    <message>
        <source>Correct its permissions, or set OPENTHREAT_HOME to another folder.</source>
        <translation>Berichtigen Sie seine Berechtigungen, oder setzen Sie OPENTHREAT_HOME auf einen anderen Ordner.</translation>
    </message>
    <message>
        <source>Correct the OPENTHREAT_…_URL variable, or remove it to use the real service.</source>
        <translation>Berichtigen Sie die Variable OPENTHREAT_…_URL, oder entfernen Sie sie, um den echten Dienst zu verwenden.</translation>
    </message>
    <message>
        <source>Correct the environment variable or the .env file.</source>
        <translation>Berichtigen Sie die Umgebungsvariable oder die Datei .env.</translation>
    </message>
    <message>
        <source>Correct the file, or delete it to start from the defaults.</source>
        <translation>Berichtigen Sie die Datei, oder löschen Sie sie, um mit den Vorgaben zu beginnen.</translation>
    </message>
    <message>
        <source>Correct the file, or delete it.</source>
        <translation>Berichtigen oder löschen Sie die Datei.</translation>
    </message>
    <message>
        <source>Correct the file, or restore it from a backup.</source>
        <translation>Korrigieren Sie die Datei oder stellen Sie sie aus einer Sicherung wieder her.</translation>
    </message>
    <message>
        <source>Correct the server's name, or choose its certificate file under Network in the settings.</source>
        <translation>Berichtigen Sie den Namen des Servers, oder wählen Sie in den Einstellungen unter Netzwerk seine Zertifikatsdatei.</translation>
    </message>
    <message>
        <source>Correct them under Reports in the settings.</source>
        <translation>Berichtigen Sie sie in den Einstellungen unter Berichte.</translation>
    </message>
    <message>
        <source>Correct {STACK_FILE}, or put it back.</source>
        <translation>Berichtigen Sie {STACK_FILE} oder stellen Sie die Datei wieder her.</translation>
    </message>
    <message>
        <source>Create a database with ENCODING 'UTF8' and set DATABASE_URL to it.</source>
        <translation>Legen Sie eine Datenbank mit ENCODING 'UTF8' an und setzen Sie DATABASE_URL darauf.</translation>
    </message>
    <message>
        <source>Create it, connect its drive, or choose another one under Reports in the settings.</source>
        <translation>Legen Sie ihn an, schließen Sie sein Laufwerk an, oder wählen Sie in den Einstellungen unter Berichte einen anderen.</translation>
    </message>
    <message>
        <source>Critical</source>
        <translation>Kritisch</translation>
    </message>
    <message>
        <source>DATABASE_URL cannot be used</source>
        <translation>DATABASE_URL kann nicht verwendet werden</translation>
    </message>
    <message>
        <source>Data folder: {home}</source>
        <translation>Datenordner: {home}</translation>
    </message>
    <message>
        <source>Database</source>
        <translation>Datenbank</translation>
    </message>
    <message>
        <source>Database and broker stopped with it. No data are lost.</source>
        <translation>Datenbank und Broker sind mit ihm ausgefallen. Es gehen keine Daten verloren.</translation>
    </message>
    <message>
        <source>Disputed: it is in doubt whether this is a vulnerability</source>
        <translation>Umstritten: Es ist fraglich, ob dies eine Schwachstelle ist</translation>
    </message>
    <message>
        <source>Divide it by machines.</source>
        <translation>Teilen Sie es nach Computern auf.</translation>
    </message>
    <message>
        <source>Docker cannot start PostgreSQL and Redis</source>
        <translation>Docker kann PostgreSQL und Redis nicht starten</translation>
    </message>
    <message>
        <source>Docker does not answer</source>
        <translation>Docker antwortet nicht</translation>
    </message>
    <message>
        <source>Docker is not installed</source>
        <translation>Docker ist nicht installiert</translation>
    </message>
    <message>
        <source>Docker is not running</source>
        <translation>Docker läuft nicht</translation>
    </message>
    <message>
        <source>Docker is set to Windows containers</source>
        <translation>Docker ist auf Windows-Container eingestellt</translation>
    </message>
    <message>
        <source>Docker is starting</source>
        <translation>Docker startet</translation>
    </message>
    <message>
        <source>Docker was stopped</source>
        <translation>Docker wurde beendet</translation>
    </message>
    <message>
        <source>Docker's compose plugin is missing</source>
        <translation>Das Compose-Plugin von Docker fehlt</translation>
    </message>
    <message>
        <source>Downloading PostgreSQL and Redis</source>
        <translation>PostgreSQL und Redis werden heruntergeladen</translation>
    </message>
    <message>
        <source>EPSS rates CVE ids only</source>
        <translation>EPSS bewertet nur CVE-Kennungen</translation>
    </message>
    <message>
        <source>EPSS: {value1} likely to be exploited within 30 days</source>
        <translation>EPSS: wird zu {value1} innerhalb von 30 Tagen ausgenutzt</translation>
    </message>
    <message>
        <source>EUVD</source>
        <translation>EUVD</translation>
    </message>
    <message>
        <source>EUVD's list of ids is not there</source>
        <translation>Die Liste der Kennungen der EUVD fehlt</translation>
    </message>
    <message>
        <source>End its process, on Windows in the Task Manager.</source>
        <translation>Beenden Sie seinen Prozess, unter Windows im Task-Manager.</translation>
    </message>
    <message>
        <source>End that program, or set OPENTHREAT_API_PORT to another port.</source>
        <translation>Beenden Sie dieses Programm, oder setzen Sie OPENTHREAT_API_PORT auf einen anderen Port.</translation>
    </message>
    <message>
        <source>Enter both again under Reports in the settings.</source>
        <translation>Geben Sie beides in den Einstellungen unter Berichte erneut ein.</translation>
    </message>
    <message>
        <source>Exit code {code}. {last}</source>
        <translation>Exitcode {code}. {last}</translation>
    </message>
    <message>
        <source>Exit code {returncode}.</source>
        <translation>Exitcode {returncode}.</translation>
    </message>
    <message>
        <source>Export the list of one machine only.</source>
        <translation>Exportieren Sie nur die Liste eines Computers.</translation>
    </message>
    <message>
        <source>Free disk space. The services then continue automatically.</source>
        <translation>Schaffen Sie Platz auf dem Datenträger. Die Dienste laufen dann automatisch weiter.</translation>
    </message>
    <message>
        <source>Free some space on that disk; the daily cleaning then tries again. Until then nothing is lost.</source>
        <translation>Schaffen Sie auf diesem Datenträger Platz; die tägliche Bereinigung versucht es dann erneut. Bis dahin geht nichts verloren.</translation>
    </message>
    <message>
        <source>Free some space on that disk; the next run continues where this one stopped.</source>
        <translation>Schaffen Sie auf diesem Datenträger Platz; der nächste Lauf macht dort weiter, wo dieser aufgehört hat.</translation>
    </message>
    <message>
        <source>Free some space on that disk; the next update downloads the file again.</source>
        <translation>Schaffen Sie auf diesem Datenträger Platz; die nächste Aktualisierung lädt die Datei erneut herunter.</translation>
    </message>
    <message>
        <source>Free some space on the server; the next run continues where this one stopped.</source>
        <translation>Schaffen Sie auf dem Server Platz; der nächste Lauf macht dort weiter, wo dieser aufgehört hat.</translation>
    </message>
    <message>
        <source>Free some space, or choose another folder in the settings.</source>
        <translation>Schaffen Sie Platz, oder wählen Sie in den Einstellungen einen anderen Ordner.</translation>
    </message>
    <message>
        <source>Free some space, or set OPENTHREAT_HOME to a folder on a larger disk and move the data there.</source>
        <translation>Schaffen Sie Platz, oder setzen Sie OPENTHREAT_HOME auf einen Ordner auf einem größeren Datenträger und verschieben Sie die Daten dorthin.</translation>
    </message>
    <message>
        <source>Free some space, then try again.</source>
        <translation>Schaffen Sie Platz und versuchen Sie es dann erneut.</translation>
    </message>
    <message>
        <source>Free space on its disk, or set OPENTHREAT_HOME to another folder.</source>
        <translation>Schaffen Sie auf seinem Datenträger Platz, oder setzen Sie OPENTHREAT_HOME auf einen anderen Ordner.</translation>
    </message>
    <message>
        <source>Give a later time, or none to pause until you resume.</source>
        <translation>Geben Sie einen späteren Zeitpunkt an, oder keinen, um bis zum Fortsetzen zu pausieren.</translation>
    </message>
    <message>
        <source>HTML, CSV and JSON can be written.</source>
        <translation>HTML, CSV und JSON können geschrieben werden.</translation>
    </message>
    <message>
        <source>High</source>
        <translation>Hoch</translation>
    </message>
    <message>
        <source>Host not allowed</source>
        <translation>Host nicht erlaubt</translation>
    </message>
    <message>
        <source>If another program answers there, set OPENTHREAT_API_PORT to a free port and start again.</source>
        <translation>Antwortet dort ein anderes Programm, setzen Sie OPENTHREAT_API_PORT auf einen freien Port und starten Sie erneut.</translation>
    </message>
    <message>
        <source>If it takes longer, check the Docker Desktop window.</source>
        <translation>Wenn es länger dauert, sehen Sie im Fenster von Docker Desktop nach.</translation>
    </message>
    <message>
        <source>If it was moved, remove the line OPENTHREAT_FOLDER from the file. If it was copied, delete the file.</source>
        <translation>Wurde er verschoben, entfernen Sie die Zeile OPENTHREAT_FOLDER aus der Datei. Wurde er kopiert, löschen Sie die Datei.</translation>
    </message>
    <message>
        <source>Install it from https://docs.docker.com/get-docker/, or use the built-in database: it needs no installation.</source>
        <translation>Installieren Sie es von https://docs.docker.com/get-docker/, oder verwenden Sie die integrierte Datenbank: Sie braucht keine Installation.</translation>
    </message>
    <message>
        <source>Install the new version on those PCs, or quit the program there. Then this PC brings the database up to date.</source>
        <translation>Installieren Sie dort die neue Version, oder beenden Sie das Programm dort. Dann bringt dieser PC die Datenbank auf den neuen Stand.</translation>
    </message>
    <message>
        <source>Install the newer version here, or make the bundle with this one.</source>
        <translation>Installieren Sie hier die neuere Version, oder erstellen Sie das Datenpaket mit dieser.</translation>
    </message>
    <message>
        <source>Install the newer version of the program, or choose another data folder or database.</source>
        <translation>Installieren Sie die neuere Version des Programms, oder wählen Sie einen anderen Datenordner oder eine andere Datenbank.</translation>
    </message>
    <message>
        <source>Install the program again; if that does not help, please report it.</source>
        <translation>Installieren Sie das Programm neu; wenn das nicht hilft, melden Sie es bitte.</translation>
    </message>
    <message>
        <source>Install the program into a folder with a shorter path.</source>
        <translation>Installieren Sie das Programm in einen Ordner mit kürzerem Pfad.</translation>
    </message>
    <message>
        <source>Internal error</source>
        <translation>Interner Fehler</translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation>Unterbrochen</translation>
    </message>
    <message>
        <source>Invalid position</source>
        <translation>Ungültige Position</translation>
    </message>
    <message>
        <source>It announces {records} records and has {value2}.</source>
        <translation>Er kündigt {records} Einträge an und enthält {value2}.</translation>
    </message>
    <message>
        <source>It answered 404 ({value1}).</source>
        <translation>Die Antwort war 404 ({value1}).</translation>
    </message>
    <message>
        <source>It answered 404 Not Found.</source>
        <translation>Die Antwort war 404 Not Found.</translation>
    </message>
    <message>
        <source>It answered 404.</source>
        <translation>Die Antwort war 404.</translation>
    </message>
    <message>
        <source>It answered: {message}</source>
        <translation>Die Antwort war: {message}</translation>
    </message>
    <message>
        <source>It cannot be read.</source>
        <translation>Er kann nicht gelesen werden.</translation>
    </message>
    <message>
        <source>It does not answer in time.</source>
        <translation>Er antwortet nicht rechtzeitig.</translation>
    </message>
    <message>
        <source>It ended {count} times within {minutes} minutes, the last time: {reason}</source>
        <translation>Er endete innerhalb von {minutes} Minuten {count}-mal, zuletzt: {reason}</translation>
    </message>
    <message>
        <source>It ends too early, or has more after its end.</source>
        <translation>Es endet zu früh, oder nach seinem Ende folgt noch etwas.</translation>
    </message>
    <message>
        <source>It ends too early.</source>
        <translation>Es endet zu früh.</translation>
    </message>
    <message>
        <source>It ends within a message.</source>
        <translation>Es endet mitten in einer Nachricht.</translation>
    </message>
    <message>
        <source>It failed {failures} times in a row.</source>
        <translation>Das misslang {failures}-mal nacheinander.</translation>
    </message>
    <message>
        <source>It has a second header.</source>
        <translation>Es hat einen zweiten Kopf.</translation>
    </message>
    <message>
        <source>It has more after its end.</source>
        <translation>Nach seinem Ende folgt noch etwas.</translation>
    </message>
    <message>
        <source>It has more than {MAX_ENTRIES} entries, which is more than one machine has.</source>
        <translation>Es hat mehr als {MAX_ENTRIES} Einträge, mehr als ein einzelner Rechner hat.</translation>
    </message>
    <message>
        <source>It has no header.</source>
        <translation>Es hat keinen Kopf.</translation>
    </message>
    <message>
        <source>It has no name.</source>
        <translation>Er hat keinen Namen.</translation>
    </message>
    <message>
        <source>It has no records from {first} on, although there must be some.</source>
        <translation>Ab {first} sind keine Einträge vorhanden, obwohl es welche geben muss.</translation>
    </message>
    <message>
        <source>It has revision {revision}; this version knows up to {HEAD}. Nothing was changed.</source>
        <translation>Sie hat die Revision {revision}; diese Version kennt höchstens {HEAD}. Es wurde nichts geändert.</translation>
    </message>
    <message>
        <source>It has the password of this data folder's database in Docker (volume {reason}). A new one would have another.</source>
        <translation>Sie enthält das Kennwort der Datenbank dieses Datenordners in Docker (Volume {reason}). Eine neue Datei hätte ein anderes.</translation>
    </message>
    <message>
        <source>It has {listed}; {stored} are stored here. None was withdrawn.</source>
        <translation>Es enthält {listed}; hier sind {stored} gespeichert. Keiner wurde zurückgezogen.</translation>
    </message>
    <message>
        <source>It is a file, a device or data, not software.</source>
        <translation>Er ist eine Datei, ein Gerät oder Daten, keine Software.</translation>
    </message>
    <message>
        <source>It is a part of the system or of another program, which Windows does not list.</source>
        <translation>Er ist ein Teil des Systems oder eines anderen Programms, den Windows nicht auflistet.</translation>
    </message>
    <message>
        <source>It is a replica, or set to read-only. Set DATABASE_URL to the server that accepts writes.</source>
        <translation>Sie ist ein Replikat oder schreibgeschützt. Setzen Sie DATABASE_URL auf den Server, der Schreibzugriffe annimmt.</translation>
    </message>
    <message>
        <source>It is an option, a path or an address, not a package.</source>
        <translation>Er ist eine Option, ein Pfad oder eine Adresse, kein Paket.</translation>
    </message>
    <message>
        <source>It is an update of another program.</source>
        <translation>Er ist ein Update eines anderen Programms.</translation>
    </message>
    <message>
        <source>It is being restarted; its task continues.</source>
        <translation>Er wird neu gestartet; seine Aufgabe läuft weiter.</translation>
    </message>
    <message>
        <source>It is handed over again within a minute. If that does not help, restart the service.</source>
        <translation>Sie wird innerhalb einer Minute erneut übergeben. Wenn das nicht hilft, starten Sie den Dienst neu.</translation>
    </message>
    <message>
        <source>It is no complete JSON document: {error}.</source>
        <translation>Es ist kein vollständiges JSON-Dokument: {error}.</translation>
    </message>
    <message>
        <source>It is not signed, and only signed bundles are accepted here.</source>
        <translation>Es ist nicht signiert, und hier werden nur signierte Datenpakete angenommen.</translation>
    </message>
    <message>
        <source>It is not the address of a database.</source>
        <translation>Das ist keine Adresse einer Datenbank.</translation>
    </message>
    <message>
        <source>It is restarted if necessary.</source>
        <translation>Sie wird bei Bedarf neu gestartet.</translation>
    </message>
    <message>
        <source>It is started again automatically, at least every 30 minutes. Details are in {log} in the log folder.</source>
        <translation>Er wird automatisch wieder gestartet, mindestens alle 30 Minuten. Einzelheiten stehen in {log} im Protokollordner.</translation>
    </message>
    <message>
        <source>It is tried again in a few minutes.</source>
        <translation>In einigen Minuten wird es erneut versucht.</translation>
    </message>
    <message>
        <source>It is tried again with every update.</source>
        <translation>Jede Aktualisierung versucht es erneut.</translation>
    </message>
    <message>
        <source>It is {difference}. The schedule and the updates depend on it.</source>
        <translation>Abweichung: {difference}. Der Zeitplan und die Aktualisierungen hängen davon ab.</translation>
    </message>
    <message>
        <source>It made no progress for {value1} minutes.</source>
        <translation>{value1} Minuten lang gab es keinen Fortschritt.</translation>
    </message>
    <message>
        <source>It may arrive all the same.</source>
        <translation>Sie kommt möglicherweise trotzdem an.</translation>
    </message>
    <message>
        <source>It may be newer than the last update, or not published yet.</source>
        <translation>Die Kennung ist vielleicht neuer als die letzte Aktualisierung oder noch nicht veröffentlicht.</translation>
    </message>
    <message>
        <source>It may be revoked already.</source>
        <translation>Vielleicht ist es schon widerrufen.</translation>
    </message>
    <message>
        <source>It needs five fields (minute, hour, day, month, weekday) and has {value1}.</source>
        <translation>Nötig sind fünf Felder (Minute, Stunde, Tag, Monat, Wochentag), vorhanden sind {value1}.</translation>
    </message>
    <message>
        <source>It ran for {minutes} minutes, the limit for a task.</source>
        <translation>Sie lief {minutes} Minuten, die Höchstdauer einer Aufgabe.</translation>
    </message>
    <message>
        <source>It should look like postgresql://user:password@host:5432/name.</source>
        <translation>Sie sollte aussehen wie postgresql://user:password@host:5432/name.</translation>
    </message>
    <message>
        <source>It uses the data folder {home}.</source>
        <translation>Es benutzt den Datenordner {home}.</translation>
    </message>
    <message>
        <source>It was asked to end {CLOSED_WITHIN_S} s ago.</source>
        <translation>Es wurde vor {CLOSED_WITHIN_S} s gebeten, sich zu beenden.</translation>
    </message>
    <message>
        <source>It was ended after {timeout_s} seconds.</source>
        <translation>Es wurde nach {timeout_s} Sekunden beendet.</translation>
    </message>
    <message>
        <source>It was made by a newer version of the program (format {version}; this one knows {FORMAT}).</source>
        <translation>Es stammt aus einer neueren Version des Programms (Format {version}; diese kennt {FORMAT}).</translation>
    </message>
    <message>
        <source>It was signed with another key than the trusted one, or was changed.</source>
        <translation>Es wurde mit einem anderen als dem vertrauten Schlüssel signiert oder verändert.</translation>
    </message>
    <message>
        <source>Its API answers only the programs of the user who started it.</source>
        <translation>Seine API antwortet nur Programmen des Benutzers, der es gestartet hat.</translation>
    </message>
    <message>
        <source>Its API reports that there are none.</source>
        <translation>Laut der API gibt es keine.</translation>
    </message>
    <message>
        <source>Its EPSS scores are incomplete.</source>
        <translation>Seine EPSS-Werte sind unvollständig.</translation>
    </message>
    <message>
        <source>Its EPSS scores are not in order.</source>
        <translation>Seine EPSS-Werte sind nicht sortiert.</translation>
    </message>
    <message>
        <source>Its answer has an unexpected format: {error}.</source>
        <translation>Die Antwort hat ein unerwartetes Format: {error}.</translation>
    </message>
    <message>
        <source>Its content is not as expected: {error}.</source>
        <translation>Der Inhalt ist nicht wie erwartet: {error}.</translation>
    </message>
    <message>
        <source>Its engine does not answer.</source>
        <translation>Die Docker-Engine antwortet nicht.</translation>
    </message>
    <message>
        <source>Its engine runs but does not respond.</source>
        <translation>Die Docker-Engine läuft, antwortet aber nicht.</translation>
    </message>
    <message>
        <source>Its feed of {year} is empty, which it was not before.</source>
        <translation>Der Feed für {year} ist leer, was er zuvor nicht war.</translation>
    </message>
    <message>
        <source>Its feed of {year} is missing.</source>
        <translation>Der Feed für {year} fehlt.</translation>
    </message>
    <message>
        <source>Its format is not known.</source>
        <translation>Ihr Format ist nicht bekannt.</translation>
    </message>
    <message>
        <source>Its log, supervisor.log, shows what it waits for.</source>
        <translation>Sein Protokoll, supervisor.log, zeigt, worauf es wartet.</translation>
    </message>
    <message>
        <source>Its ports and passwords are in {STACK_FILE}, and {home} has none.</source>
        <translation>Ports und Kennwörter stehen in {STACK_FILE}, und {home} enthält diese Datei nicht.</translation>
    </message>
    <message>
        <source>Its process is running, but it has sent no heartbeat for {seconds} s.</source>
        <translation>Sein Prozess läuft, hat aber seit {seconds} s kein Lebenszeichen gesendet.</translation>
    </message>
    <message>
        <source>Its records are not in order.</source>
        <translation>Seine Einträge sind nicht sortiert.</translation>
    </message>
    <message>
        <source>Its system or machine has an unexpected form.</source>
        <translation>Sein System oder Computer hat eine unerwartete Form.</translation>
    </message>
    <message>
        <source>Its tasks wait.</source>
        <translation>Seine Aufgaben warten.</translation>
    </message>
    <message>
        <source>Jobs</source>
        <translation>Aufträge</translation>
    </message>
    <message>
        <source>Leave the user empty, or choose another port, under Reports in the settings.</source>
        <translation>Lassen Sie den Benutzer leer, oder wählen Sie in den Einstellungen unter Berichte einen anderen Port.</translation>
    </message>
    <message>
        <source>Let the system set its clock by the network.</source>
        <translation>Lassen Sie das System die Uhr über das Netzwerk stellen.</translation>
    </message>
    <message>
        <source>Line {value1}: {error}.</source>
        <translation>Zeile {value1}: {error}.</translation>
    </message>
    <message>
        <source>Linux</source>
        <translation>Linux</translation>
    </message>
    <message>
        <source>Listed in CISA's known exploited vulnerabilities{since}</source>
        <translation>Von CISA als bekannt ausgenutzt geführt{since}</translation>
    </message>
    <message>
        <source>Listed in the EU's known exploited vulnerabilities</source>
        <translation>Von der EU als bekannt ausgenutzt geführt</translation>
    </message>
    <message>
        <source>Load a bundle that was signed with the key of `bundle.trusted_key`, or change that setting.</source>
        <translation>Laden Sie ein Datenpaket, das mit dem Schlüssel aus `bundle.trusted_key` signiert ist, oder ändern Sie diese Einstellung.</translation>
    </message>
    <message>
        <source>Load one with `openthreat bundle load FILE`.</source>
        <translation>Laden Sie eines mit `openthreat bundle load FILE`.</translation>
    </message>
    <message>
        <source>Look at its name and port under Reports in the settings.</source>
        <translation>Prüfen Sie seinen Namen und Port in den Einstellungen unter Berichte.</translation>
    </message>
    <message>
        <source>Look at the folder, or choose another one under Reports in the settings.</source>
        <translation>Sehen Sie sich den Ordner an, oder wählen Sie in den Einstellungen unter Berichte einen anderen.</translation>
    </message>
    <message>
        <source>Look at the sender under Reports in the settings.</source>
        <translation>Prüfen Sie den Absender in den Einstellungen unter Berichte.</translation>
    </message>
    <message>
        <source>Low</source>
        <translation>Niedrig</translation>
    </message>
    <message>
        <source>Make the bundle again, from a database that is up to date.</source>
        <translation>Erstellen Sie das Datenpaket erneut, aus einer aktuellen Datenbank.</translation>
    </message>
    <message>
        <source>Medium</source>
        <translation>Mittel</translation>
    </message>
    <message>
        <source>Method not allowed</source>
        <translation>Methode nicht erlaubt</translation>
    </message>
    <message>
        <source>More than one scheduler is running</source>
        <translation>Mehr als ein Zeitplaner läuft</translation>
    </message>
    <message>
        <source>NVD</source>
        <translation>NVD</translation>
    </message>
    <message>
        <source>NVD allows the next request in {seconds} seconds.</source>
        <translation>NVD lässt die nächste Anfrage in {seconds} Sekunden zu.</translation>
    </message>
    <message>
        <source>NVD does not accept the API key</source>
        <translation>NVD nimmt den API-Schlüssel nicht an</translation>
    </message>
    <message>
        <source>NVD does not accept this key. Request a new key at nvd.nist.gov/developers/request-an-api-key; it works after the link in NVD's mail has been opened.</source>
        <translation>NVD akzeptiert diesen Schlüssel nicht. Fordern Sie unter nvd.nist.gov/developers/request-an-api-key einen neuen an; er gilt, sobald der Link in der E-Mail von NVD geöffnet wurde.</translation>
    </message>
    <message>
        <source>NVD refused the request</source>
        <translation>NVD hat die Anfrage abgelehnt</translation>
    </message>
    <message>
        <source>NVD sent no records</source>
        <translation>NVD hat keine Einträge gesendet</translation>
    </message>
    <message>
        <source>NVD's {name} feed is not complete</source>
        <translation>Der NVD-Feed {name} ist nicht vollständig</translation>
    </message>
    <message>
        <source>Name another folder in OPENTHREAT_HOME.</source>
        <translation>Geben Sie in OPENTHREAT_HOME einen anderen Ordner an.</translation>
    </message>
    <message>
        <source>Name another folder.</source>
        <translation>Geben Sie einen anderen Ordner an.</translation>
    </message>
    <message>
        <source>No CVSS score yet</source>
        <translation>Noch keine CVSS-Bewertung</translation>
    </message>
    <message>
        <source>No EPSS estimate yet</source>
        <translation>Noch keine EPSS-Schätzung</translation>
    </message>
    <message>
        <source>No action is needed: each update reads the list again. If it is still so short on {until}, it is accepted.</source>
        <translation>Es ist nichts zu tun: Jede Aktualisierung liest die Liste neu. Ist sie am {until} noch immer so kurz, wird sie übernommen.</translation>
    </message>
    <message>
        <source>No entry has this name.</source>
        <translation>Kein Eintrag hat diesen Namen.</translation>
    </message>
    <message>
        <source>No message passes the {name}</source>
        <translation>Keine Nachricht durchläuft den Dienst {name}</translation>
    </message>
    <message>
        <source>No program listens there, but the system does not allow its use.</source>
        <translation>Dort lauscht kein Programm, aber das System erlaubt die Verwendung nicht.</translation>
    </message>
    <message>
        <source>No program uses the data folder {home}.</source>
        <translation>Kein Programm benutzt den Datenordner {home}.</translation>
    </message>
    <message>
        <source>No run has this id, or it is so old that it was removed from the history.</source>
        <translation>Kein Lauf hat diese Kennung, oder er ist so alt, dass er aus dem Verlauf entfernt wurde.</translation>
    </message>
    <message>
        <source>No service is started for pictures</source>
        <translation>Für Bilder wird kein Dienst gestartet</translation>
    </message>
    <message>
        <source>No source could be asked for the time.</source>
        <translation>Keine Quelle konnte nach der Zeit gefragt werden.</translation>
    </message>
    <message>
        <source>No source could be reached</source>
        <translation>Keine Quelle war erreichbar</translation>
    </message>
    <message>
        <source>No source could be read</source>
        <translation>Keine Quelle konnte gelesen werden</translation>
    </message>
    <message>
        <source>No source was read completely.</source>
        <translation>Keine Quelle wurde vollständig gelesen.</translation>
    </message>
    <message>
        <source>No such event</source>
        <translation>Kein solches Ereignis</translation>
    </message>
    <message>
        <source>No such finding</source>
        <translation>Kein solcher Befund</translation>
    </message>
    <message>
        <source>No such machine</source>
        <translation>Kein solcher Computer</translation>
    </message>
    <message>
        <source>No such program</source>
        <translation>Dieses Programm gibt es nicht</translation>
    </message>
    <message>
        <source>No such run</source>
        <translation>Kein solcher Lauf</translation>
    </message>
    <message>
        <source>No such schedule entry</source>
        <translation>Kein solcher Eintrag im Zeitplan</translation>
    </message>
    <message>
        <source>No such token</source>
        <translation>Dieses Token gibt es nicht</translation>
    </message>
    <message>
        <source>No such webhook</source>
        <translation>Kein solcher Webhook</translation>
    </message>
    <message>
        <source>No update has filled it yet.</source>
        <translation>Noch keine Aktualisierung hat sie gefüllt.</translation>
    </message>
    <message>
        <source>No update in the schedule is turned on.</source>
        <translation>Im Zeitplan ist keine Aktualisierung eingeschaltet.</translation>
    </message>
    <message>
        <source>No webhook has this id.</source>
        <translation>Kein Webhook hat diese Kennung.</translation>
    </message>
    <message>
        <source>No worker can be started</source>
        <translation>Kein Worker kann gestartet werden</translation>
    </message>
    <message>
        <source>No worker runs a task</source>
        <translation>Kein Worker führt eine Aufgabe aus</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>None of it was stored. If this happens again, please report it.</source>
        <translation>Nichts davon wurde gespeichert. Geschieht das erneut, melden Sie es bitte.</translation>
    </message>
    <message>
        <source>None of it was stored; the next update downloads it again.</source>
        <translation>Nichts davon wurde gespeichert; die nächste Aktualisierung lädt es erneut herunter.</translation>
    </message>
    <message>
        <source>None of it was stored; the next update tries again automatically.</source>
        <translation>Nichts davon wurde gespeichert; die nächste Aktualisierung versucht es automatisch erneut.</translation>
    </message>
    <message>
        <source>None was uploaded, or it was deleted.</source>
        <translation>Es wurde keines hochgeladen, oder es wurde gelöscht.</translation>
    </message>
    <message>
        <source>Not a CVE id</source>
        <translation>Keine CVE-Kennung</translation>
    </message>
    <message>
        <source>Not found</source>
        <translation>Nicht gefunden</translation>
    </message>
    <message>
        <source>Not in the database</source>
        <translation>Nicht in der Datenbank</translation>
    </message>
    <message>
        <source>Not permitted</source>
        <translation>Nicht erlaubt</translation>
    </message>
    <message>
        <source>Nothing can be collected here</source>
        <translation>Hier kann nichts erfasst werden</translation>
    </message>
    <message>
        <source>Nothing is updated.</source>
        <translation>Nichts wird aktualisiert.</translation>
    </message>
    <message>
        <source>Nothing listens on its port.</source>
        <translation>Auf ihrem Port lauscht kein Programm.</translation>
    </message>
    <message>
        <source>Nothing runs automatically</source>
        <translation>Nichts läuft automatisch</translation>
    </message>
    <message>
        <source>Nothing runs automatically until then.</source>
        <translation>Bis dahin läuft nichts automatisch.</translation>
    </message>
    <message>
        <source>OPENTHREAT_API_HOST is {host}.</source>
        <translation>OPENTHREAT_API_HOST ist {host}.</translation>
    </message>
    <message>
        <source>On Debian and Ubuntu: `apt install libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libdbus-1-3 libfontconfig1`. Without windows, `openthreat up` runs everything in a terminal.</source>
        <translation>Unter Debian und Ubuntu: `apt install libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libdbus-1-3 libfontconfig1`. Ohne Fenster startet `openthreat up` alles in einem Terminal.</translation>
    </message>
    <message>
        <source>One answer has more than {value1} MiB.</source>
        <translation>Eine Antwort hat mehr als {value1} MiB.</translation>
    </message>
    <message>
        <source>Only in a hosted service: nothing to update here</source>
        <translation>Nur in einem gehosteten Dienst: Hier ist nichts zu aktualisieren</translation>
    </message>
    <message>
        <source>Only one of the installed and the stated version is a date</source>
        <translation>Nur eine von beiden, installierte oder angegebene Version, ist ein Datum</translation>
    </message>
    <message>
        <source>Only you can open the data folder</source>
        <translation>Nur Sie können den Datenordner öffnen</translation>
    </message>
    <message>
        <source>OpenThreat is already running</source>
        <translation>OpenThreat läuft bereits</translation>
    </message>
    <message>
        <source>OpenThreat is already running in a terminal</source>
        <translation>OpenThreat läuft bereits in einem Terminal</translation>
    </message>
    <message>
        <source>OpenThreat is not running</source>
        <translation>OpenThreat läuft nicht</translation>
    </message>
    <message>
        <source>OpenThreat was started again meanwhile</source>
        <translation>OpenThreat wurde inzwischen erneut gestartet</translation>
    </message>
    <message>
        <source>Origin not allowed</source>
        <translation>Herkunft nicht erlaubt</translation>
    </message>
    <message>
        <source>Other PCs use the database with an older version of the program</source>
        <translation>Andere PCs verwenden die Datenbank mit einer älteren Version des Programms</translation>
    </message>
    <message>
        <source>Other users may be able to open the data folder</source>
        <translation>Andere Benutzer können den Datenordner möglicherweise öffnen</translation>
    </message>
    <message>
        <source>Pages of other sites cannot use this API.</source>
        <translation>Seiten anderer Websites können diese API nicht verwenden.</translation>
    </message>
    <message>
        <source>Parts of the program are missing</source>
        <translation>Teile des Programms fehlen</translation>
    </message>
    <message>
        <source>Path and query together are limited to {MAX_ADDRESS} bytes.</source>
        <translation>Pfad und Abfrage zusammen sind auf {MAX_ADDRESS} Bytes begrenzt.</translation>
    </message>
    <message>
        <source>Port {port} is reserved</source>
        <translation>Port {port} ist reserviert</translation>
    </message>
    <message>
        <source>Port {port} is taken</source>
        <translation>Port {port} ist belegt</translation>
    </message>
    <message>
        <source>PostgreSQL and Redis are starting</source>
        <translation>PostgreSQL und Redis werden gestartet</translation>
    </message>
    <message>
        <source>PostgreSQL and Redis need Linux containers.</source>
        <translation>PostgreSQL und Redis brauchen Linux-Container.</translation>
    </message>
    <message>
        <source>Process {pid} answers on port {port}, and it is not the API of this data folder that was started here.</source>
        <translation>Der Prozess {pid} antwortet auf Port {port}, ist aber nicht die hier gestartete API dieses Datenordners.</translation>
    </message>
    <message>
        <source>Published {value1}</source>
        <translation>Veröffentlicht {value1}</translation>
    </message>
    <message>
        <source>Records are missing in it.</source>
        <translation>Einträge fehlen darin.</translation>
    </message>
    <message>
        <source>Redis cannot be reached</source>
        <translation>Redis ist nicht erreichbar</translation>
    </message>
    <message>
        <source>Rejected: no vulnerability of its own</source>
        <translation>Abgelehnt: keine eigene Schwachstelle</translation>
    </message>
    <message>
        <source>Remove one that is not needed.</source>
        <translation>Entfernen Sie einen, der nicht gebraucht wird.</translation>
    </message>
    <message>
        <source>Request too large</source>
        <translation>Anfrage zu groß</translation>
    </message>
    <message>
        <source>Restart Docker or this machine.</source>
        <translation>Starten Sie Docker oder diesen Rechner neu.</translation>
    </message>
    <message>
        <source>Restore a backup, or empty the database: everything is then downloaded again.</source>
        <translation>Stellen Sie eine Sicherung wieder her, oder leeren Sie die Datenbank: Danach wird alles erneut heruntergeladen.</translation>
    </message>
    <message>
        <source>Restore the file, for example from a backup, or use the built-in database: the data can be downloaded again.</source>
        <translation>Stellen Sie die Datei wieder her, zum Beispiel aus einer Sicherung, oder verwenden Sie die integrierte Datenbank: Die Daten lassen sich erneut herunterladen.</translation>
    </message>
    <message>
        <source>SOCKS proxies are not supported, only HTTP proxies</source>
        <translation>SOCKS-Proxys werden nicht unterstützt, nur HTTP-Proxys</translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation>Zeitplan</translation>
    </message>
    <message>
        <source>Scripts (PAC) are not supported; enter the address of the proxy itself</source>
        <translation>Skripte (PAC) werden nicht unterstützt; geben Sie die Adresse des Proxys selbst ein</translation>
    </message>
    <message>
        <source>Search for fewer words.</source>
        <translation>Suchen Sie nach weniger Wörtern.</translation>
    </message>
    <message>
        <source>Searches fail until it has been made anew. No record is lost.</source>
        <translation>Die Suche funktioniert erst wieder, wenn er neu aufgebaut ist. Kein Eintrag geht verloren.</translation>
    </message>
    <message>
        <source>Seen in active use by attackers, says CISA</source>
        <translation>Wird laut CISA von Angreifern aktiv eingesetzt</translation>
    </message>
    <message>
        <source>Send `next` of the previous answer, with the same sort order.</source>
        <translation>Senden Sie `next` aus der vorigen Antwort, mit derselben Sortierung.</translation>
    </message>
    <message>
        <source>Send the header `Authorization: Bearer &lt;token&gt;`. Commands read it from OPENTHREAT_API_TOKEN; `openthreat token create` makes one.</source>
        <translation>Senden Sie die Kopfzeile `Authorization: Bearer &lt;token&gt;`. Befehle lesen es aus OPENTHREAT_API_TOKEN; `openthreat token create` erstellt eines.</translation>
    </message>
    <message>
        <source>Sent to {value1}.</source>
        <translation>An {value1} gesendet.</translation>
    </message>
    <message>
        <source>Set OPENTHREAT_API_HOST to an address of this machine.</source>
        <translation>Setzen Sie OPENTHREAT_API_HOST auf eine Adresse dieses Computers.</translation>
    </message>
    <message>
        <source>Set OPENTHREAT_API_PORT to another port and start again.</source>
        <translation>Setzen Sie OPENTHREAT_API_PORT auf einen anderen Port und starten Sie neu.</translation>
    </message>
    <message>
        <source>Set OPENTHREAT_API_TOKEN to a long random text, or OPENTHREAT_API_HOST to 127.0.0.1.</source>
        <translation>Setzen Sie OPENTHREAT_API_TOKEN auf einen langen zufälligen Text oder OPENTHREAT_API_HOST auf 127.0.0.1.</translation>
    </message>
    <message>
        <source>Set OPENTHREAT_HOME to a folder of your own, in your user folder, and move the data there.</source>
        <translation>Setzen Sie OPENTHREAT_HOME auf einen eigenen Ordner in Ihrem Benutzerordner und verschieben Sie die Daten dorthin.</translation>
    </message>
    <message>
        <source>Set it to 127.0.0.1.</source>
        <translation>Setzen Sie es auf 127.0.0.1.</translation>
    </message>
    <message>
        <source>Set it to a name such as Europe/Berlin, or remove it.</source>
        <translation>Setzen Sie es auf einen Namen wie Europe/Berlin, oder entfernen Sie es.</translation>
    </message>
    <message>
        <source>Start Redis, or correct {variable}.</source>
        <translation>Starten Sie Redis oder berichtigen Sie {variable}.</translation>
    </message>
    <message>
        <source>Start it again; the services then continue automatically.</source>
        <translation>Starten Sie es wieder; die Dienste laufen dann automatisch weiter.</translation>
    </message>
    <message>
        <source>Start it, or correct {variable}; the services then continue automatically.</source>
        <translation>Starten Sie den Server, oder korrigieren Sie {variable}; die Dienste laufen dann automatisch weiter.</translation>
    </message>
    <message>
        <source>Start it; the services then continue automatically.</source>
        <translation>Starten Sie es; die Dienste laufen dann automatisch weiter.</translation>
    </message>
    <message>
        <source>Start it; waiting tasks are then sent.</source>
        <translation>Starten Sie ihn; wartende Aufgaben werden dann gesendet.</translation>
    </message>
    <message>
        <source>Start the program first (`openthreat up`), or set OPENTHREAT_STACK=embedded.</source>
        <translation>Starten Sie zuerst das Programm (`openthreat up`), oder setzen Sie OPENTHREAT_STACK=embedded.</translation>
    </message>
    <message>
        <source>Stop all but one of them.</source>
        <translation>Beenden Sie alle bis auf einen.</translation>
    </message>
    <message>
        <source>Stop that program, or set OPENTHREAT_API_PORT to a free port and start again.</source>
        <translation>Beenden Sie dieses Programm, oder setzen Sie OPENTHREAT_API_PORT auf einen freien Port und starten Sie neu.</translation>
    </message>
    <message>
        <source>Stop the program and delete the file: it is created again.</source>
        <translation>Beenden Sie das Programm und löschen Sie die Datei: Sie wird neu angelegt.</translation>
    </message>
    <message>
        <source>Stop the program, and restore the database from a backup or remove it: everything is downloaded again then.</source>
        <translation>Beenden Sie das Programm, und stellen Sie die Datenbank aus einer Sicherung wieder her oder entfernen Sie sie: Dann wird alles neu heruntergeladen.</translation>
    </message>
    <message>
        <source>Taken over</source>
        <translation>Übernommen</translation>
    </message>
    <message>
        <source>Tasks reach the workers</source>
        <translation>Aufgaben erreichen die Worker</translation>
    </message>
    <message>
        <source>That may take a minute or two.</source>
        <translation>Das kann ein bis zwei Minuten dauern.</translation>
    </message>
    <message>
        <source>The .env file cannot be read</source>
        <translation>Die Datei .env kann nicht gelesen werden</translation>
    </message>
    <message>
        <source>The API answers</source>
        <translation>Die API antwortet</translation>
    </message>
    <message>
        <source>The API answers only the programs of the user who started it, and the system does not say whose program sent this request.</source>
        <translation>Die API antwortet nur Programmen des Benutzers, der sie gestartet hat, und das System sagt nicht, wessen Programm diese Anfrage gesendet hat.</translation>
    </message>
    <message>
        <source>The API has no such address.</source>
        <translation>Die API hat keine solche Adresse.</translation>
    </message>
    <message>
        <source>The API is not running</source>
        <translation>Die API läuft nicht</translation>
    </message>
    <message>
        <source>The API lists all runs at {API_PREFIX}/tasks.</source>
        <translation>Die API führt alle Läufe unter {API_PREFIX}/tasks auf.</translation>
    </message>
    <message>
        <source>The API may not listen without a token</source>
        <translation>Die API darf ohne Token nicht auf Anfragen warten</translation>
    </message>
    <message>
        <source>The API's address is not of this machine</source>
        <translation>Die Adresse der API gehört nicht zu diesem Rechner</translation>
    </message>
    <message>
        <source>The Docker Desktop window or Docker's log may show the cause.</source>
        <translation>Das Fenster von Docker Desktop oder das Protokoll von Docker zeigt möglicherweise die Ursache.</translation>
    </message>
    <message>
        <source>The Docker stack was never started here</source>
        <translation>Der Docker-Stack wurde hier nie gestartet</translation>
    </message>
    <message>
        <source>The Docker stack's addresses cannot be read</source>
        <translation>Die Adressen des Docker-Stacks können nicht gelesen werden</translation>
    </message>
    <message>
        <source>The Host header of the request is not an address of this API.</source>
        <translation>Die Kopfzeile Host der Anfrage ist keine Adresse dieser API.</translation>
    </message>
    <message>
        <source>The PDF cannot be made</source>
        <translation>Das PDF kann nicht erstellt werden</translation>
    </message>
    <message>
        <source>The Schedule service is not running.</source>
        <translation>Der Dienst „Zeitplan“ läuft nicht.</translation>
    </message>
    <message>
        <source>The address at {host} is not valid.</source>
        <translation>Die Adresse bei {host} ist ungültig.</translation>
    </message>
    <message>
        <source>The address is invalid: {error}.</source>
        <translation>Die Adresse ist ungültig: {error}.</translation>
    </message>
    <message>
        <source>The address is no longer in the keyring of this PC. Enter it again.</source>
        <translation>Die Adresse liegt nicht mehr im Schlüsselbund dieses PCs. Geben Sie sie neu ein.</translation>
    </message>
    <message>
        <source>The answer has an unexpected format: {error}.</source>
        <translation>Die Antwort hat ein unerwartetes Format: {error}.</translation>
    </message>
    <message>
        <source>The answer is empty.</source>
        <translation>Die Antwort ist leer.</translation>
    </message>
    <message>
        <source>The archive of all records cannot be unpacked: {error}.</source>
        <translation>Das Archiv aller Einträge lässt sich nicht entpacken: {error}.</translation>
    </message>
    <message>
        <source>The archive unpacks to more than {value1} GiB.</source>
        <translation>Das Archiv ergibt entpackt mehr als {value1} GiB.</translation>
    </message>
    <message>
        <source>The body of the request is longer than the API accepts.</source>
        <translation>Der Inhalt der Anfrage ist länger, als die API annimmt.</translation>
    </message>
    <message>
        <source>The broker answers again</source>
        <translation>Der Broker antwortet wieder</translation>
    </message>
    <message>
        <source>The broker cannot be reached</source>
        <translation>Der Broker ist nicht erreichbar</translation>
    </message>
    <message>
        <source>The broker does not take tasks</source>
        <translation>Der Broker nimmt keine Aufgaben an</translation>
    </message>
    <message>
        <source>The broker takes tasks again</source>
        <translation>Der Broker nimmt wieder Aufgaben an</translation>
    </message>
    <message>
        <source>The built-in broker cannot be used</source>
        <translation>Der integrierte Broker kann nicht verwendet werden</translation>
    </message>
    <message>
        <source>The built-in broker's file cannot be written</source>
        <translation>Die Datei des integrierten Brokers kann nicht geschrieben werden</translation>
    </message>
    <message>
        <source>The built-in broker's file is damaged</source>
        <translation>Die Datei des integrierten Brokers ist beschädigt</translation>
    </message>
    <message>
        <source>The bundle has far fewer records of {value1}</source>
        <translation>Das Datenpaket enthält weit weniger Einträge von {value1}</translation>
    </message>
    <message>
        <source>The catalogue announces {count} entries and has {found}.</source>
        <translation>Der Katalog kündigt {count} Einträge an und enthält {found}.</translation>
    </message>
    <message>
        <source>The certificate file cannot be used</source>
        <translation>Die Zertifikatsdatei kann nicht verwendet werden</translation>
    </message>
    <message>
        <source>The certificate of {host} could not be verified: {reason}.</source>
        <translation>Das Zertifikat von {host} konnte nicht geprüft werden: {reason}.</translation>
    </message>
    <message>
        <source>The clock is right</source>
        <translation>Die Uhr geht richtig</translation>
    </message>
    <message>
        <source>The clock is wrong</source>
        <translation>Die Uhr geht falsch</translation>
    </message>
    <message>
        <source>The clock was not checked</source>
        <translation>Die Uhr wurde nicht geprüft</translation>
    </message>
    <message>
        <source>The compressed answer of {host} is damaged.</source>
        <translation>Die komprimierte Antwort von {host} ist beschädigt.</translation>
    </message>
    <message>
        <source>The connection to {host} broke.</source>
        <translation>Die Verbindung zu {host} brach ab.</translation>
    </message>
    <message>
        <source>The data are kept, but not updated.</source>
        <translation>Die Daten bleiben erhalten, werden aber nicht aktualisiert.</translation>
    </message>
    <message>
        <source>The data folder cannot be used</source>
        <translation>Der Datenordner kann nicht verwendet werden</translation>
    </message>
    <message>
        <source>The data folder cannot be written</source>
        <translation>In den Datenordner kann nicht geschrieben werden</translation>
    </message>
    <message>
        <source>The database answers again</source>
        <translation>Die Datenbank antwortet wieder</translation>
    </message>
    <message>
        <source>The database answers and can be written</source>
        <translation>Die Datenbank antwortet und kann beschrieben werden</translation>
    </message>
    <message>
        <source>The database belongs to a newer version of the program</source>
        <translation>Die Datenbank gehört zu einer neueren Version des Programms</translation>
    </message>
    <message>
        <source>The database cannot be reached</source>
        <translation>Die Datenbank ist nicht erreichbar</translation>
    </message>
    <message>
        <source>The database cannot store all characters</source>
        <translation>Die Datenbank kann nicht alle Zeichen speichern</translation>
    </message>
    <message>
        <source>The database does not accept writes</source>
        <translation>Die Datenbank nimmt keine Schreibzugriffe an</translation>
    </message>
    <message>
        <source>The database does not return what was written</source>
        <translation>Die Datenbank gibt nicht zurück, was geschrieben wurde</translation>
    </message>
    <message>
        <source>The database file cannot be used</source>
        <translation>Die Datenbankdatei kann nicht verwendet werden</translation>
    </message>
    <message>
        <source>The database file is damaged</source>
        <translation>Die Datenbankdatei ist beschädigt</translation>
    </message>
    <message>
        <source>The database is being prepared</source>
        <translation>Die Datenbank wird vorbereitet</translation>
    </message>
    <message>
        <source>The database is busy</source>
        <translation>Die Datenbank ist beschäftigt</translation>
    </message>
    <message>
        <source>The database is damaged</source>
        <translation>Die Datenbank ist beschädigt</translation>
    </message>
    <message>
        <source>The database is still empty</source>
        <translation>Die Datenbank ist noch leer</translation>
    </message>
    <message>
        <source>The database server's disk is full</source>
        <translation>Der Datenträger des Datenbankservers ist voll</translation>
    </message>
    <message>
        <source>The database was written by a newer version of the program</source>
        <translation>Die Datenbank wurde von einer neueren Version des Programms geschrieben</translation>
    </message>
    <message>
        <source>The description of the {name} feed has no checksum.</source>
        <translation>Die Beschreibung des Feeds {name} enthält keine Prüfsumme.</translation>
    </message>
    <message>
        <source>The diagnosis cannot be started</source>
        <translation>Die Diagnose kann nicht gestartet werden</translation>
    </message>
    <message>
        <source>The diagnosis failed</source>
        <translation>Die Diagnose ist fehlgeschlagen</translation>
    </message>
    <message>
        <source>The diagnosis took too long</source>
        <translation>Die Diagnose hat zu lange gedauert</translation>
    </message>
    <message>
        <source>The disk is full</source>
        <translation>Der Datenträger ist voll</translation>
    </message>
    <message>
        <source>The disk is nearly full</source>
        <translation>Der Datenträger ist fast voll</translation>
    </message>
    <message>
        <source>The disk of the built-in broker is full</source>
        <translation>Der Datenträger des integrierten Brokers ist voll</translation>
    </message>
    <message>
        <source>The disk that Docker uses is full</source>
        <translation>Der Datenträger, den Docker verwendet, ist voll</translation>
    </message>
    <message>
        <source>The display {value1} does not answer.</source>
        <translation>Die Anzeige {value1} antwortet nicht.</translation>
    </message>
    <message>
        <source>The docker program was not found on this machine.</source>
        <translation>Das Programm docker wurde auf diesem Rechner nicht gefunden.</translation>
    </message>
    <message>
        <source>The encoding of {name} is {encoding}.</source>
        <translation>Die Zeichenkodierung von {name} ist {encoding}.</translation>
    </message>
    <message>
        <source>The entries are {value1}.</source>
        <translation>Es gibt die Einträge {value1}.</translation>
    </message>
    <message>
        <source>The file cannot be opened</source>
        <translation>Die Datei kann nicht geöffnet werden</translation>
    </message>
    <message>
        <source>The file holds no software</source>
        <translation>Die Datei enthält keine Software</translation>
    </message>
    <message>
        <source>The file is an XML document.</source>
        <translation>Die Datei ist ein XML-Dokument.</translation>
    </message>
    <message>
        <source>The file is damaged</source>
        <translation>Die Datei ist beschädigt</translation>
    </message>
    <message>
        <source>The file is damaged or incomplete: its digest is another one.</source>
        <translation>Die Datei ist beschädigt oder unvollständig: Ihre Prüfsumme stimmt nicht.</translation>
    </message>
    <message>
        <source>The file is far too large.</source>
        <translation>Die Datei ist viel zu groß.</translation>
    </message>
    <message>
        <source>The file is incomplete.</source>
        <translation>Die Datei ist unvollständig.</translation>
    </message>
    <message>
        <source>The file is no bundle of OpenThreat.</source>
        <translation>Die Datei ist kein Datenpaket von OpenThreat.</translation>
    </message>
    <message>
        <source>The file is no inventory that can be read</source>
        <translation>Die Datei ist kein lesbares Inventar</translation>
    </message>
    <message>
        <source>The file is no longer needed in this run.</source>
        <translation>Die Datei wird in diesem Lauf nicht mehr gebraucht.</translation>
    </message>
    <message>
        <source>The file is too large</source>
        <translation>Die Datei ist zu groß</translation>
    </message>
    <message>
        <source>The folder for reports cannot be written to</source>
        <translation>In den Ordner für Berichte kann nicht geschrieben werden</translation>
    </message>
    <message>
        <source>The folder for reports is not there</source>
        <translation>Der Ordner für Berichte ist nicht da</translation>
    </message>
    <message>
        <source>The id of this PC can be neither read nor written in the data folder.</source>
        <translation>Die Kennung dieses PCs kann im Datenordner weder gelesen noch geschrieben werden.</translation>
    </message>
    <message>
        <source>The images cannot be downloaded</source>
        <translation>Die Docker-Images können nicht heruntergeladen werden</translation>
    </message>
    <message>
        <source>The installed version cannot be compared with the stated ones</source>
        <translation>Die installierte Version lässt sich nicht mit den angegebenen vergleichen</translation>
    </message>
    <message>
        <source>The installed version is not known</source>
        <translation>Die installierte Version ist nicht bekannt</translation>
    </message>
    <message>
        <source>The installed version is numbered in another way than the stated ones</source>
        <translation>Die installierte Version ist anders nummeriert als die angegebenen</translation>
    </message>
    <message>
        <source>The installed version is of another branch than the stated ones</source>
        <translation>Die installierte Version gehört zu einem anderen Zweig als die angegebenen</translation>
    </message>
    <message>
        <source>The inventory is damaged</source>
        <translation>Das Inventar ist beschädigt</translation>
    </message>
    <message>
        <source>The inventory is too large</source>
        <translation>Das Inventar ist zu groß</translation>
    </message>
    <message>
        <source>The key cannot be used</source>
        <translation>Der Schlüssel kann nicht verwendet werden</translation>
    </message>
    <message>
        <source>The last good update is more than a day old.</source>
        <translation>Die letzte gelungene Aktualisierung ist mehr als einen Tag alt.</translation>
    </message>
    <message>
        <source>The last update failed</source>
        <translation>Die letzte Aktualisierung ist fehlgeschlagen</translation>
    </message>
    <message>
        <source>The list of installed programs cannot be read</source>
        <translation>Die Liste der installierten Programme kann nicht gelesen werden</translation>
    </message>
    <message>
        <source>The log of the API has the details.</source>
        <translation>Einzelheiten stehen im Protokoll der API.</translation>
    </message>
    <message>
        <source>The logs may show the cause.</source>
        <translation>Die Protokolle zeigen vielleicht die Ursache.</translation>
    </message>
    <message>
        <source>The mail server cannot be reached</source>
        <translation>Der Mailserver ist nicht erreichbar</translation>
    </message>
    <message>
        <source>The mail server did not confirm the mail</source>
        <translation>Der Mailserver hat die E-Mail nicht bestätigt</translation>
    </message>
    <message>
        <source>The mail server does not encrypt in this way</source>
        <translation>Der Mailserver verschlüsselt nicht auf diese Weise</translation>
    </message>
    <message>
        <source>The mail server knows no users here</source>
        <translation>Der Mailserver kennt hier keine Benutzer</translation>
    </message>
    <message>
        <source>The mail server refuses the mail</source>
        <translation>Der Mailserver weist die E-Mail zurück</translation>
    </message>
    <message>
        <source>The mail server refuses the recipients</source>
        <translation>Der Mailserver weist die Empfänger zurück</translation>
    </message>
    <message>
        <source>The mail server refuses user or password</source>
        <translation>Der Mailserver weist Benutzer oder Kennwort zurück</translation>
    </message>
    <message>
        <source>The mail server's certificate cannot be verified</source>
        <translation>Das Zertifikat des Mailservers kann nicht geprüft werden</translation>
    </message>
    <message>
        <source>The name {host} could not be looked up.</source>
        <translation>Der Name {host} ließ sich nicht auflösen.</translation>
    </message>
    <message>
        <source>The newest release has no valid date: {error}.</source>
        <translation>Die neueste Veröffentlichung hat kein gültiges Datum: {error}.</translation>
    </message>
    <message>
        <source>The newest {value1} of {value2} events; the Inbox has all of them.</source>
        <translation>Die neuesten {value1} von {value2} Ereignissen; der Posteingang hat alle.</translation>
    </message>
    <message>
        <source>The next update builds its indexes anew. If that is not enough, restore a backup, or empty the database: everything is then downloaded again.</source>
        <translation>Die nächste Aktualisierung baut ihre Indizes neu auf. Reicht das nicht, stellen Sie eine Sicherung wieder her, oder leeren Sie die Datenbank: Danach wird alles erneut heruntergeladen.</translation>
    </message>
    <message>
        <source>The next update repairs its indexes. If that is not enough, stop the program, restore a backup or move the file elsewhere, and start again: without the file, everything is downloaded again.</source>
        <translation>Die nächste Aktualisierung repariert die Indizes. Reicht das nicht, beenden Sie das Programm, stellen Sie eine Sicherung wieder her oder verschieben Sie die Datei, und starten Sie neu: Ohne die Datei wird alles erneut heruntergeladen.</translation>
    </message>
    <message>
        <source>The next update tries again automatically.</source>
        <translation>Die nächste Aktualisierung versucht es automatisch erneut.</translation>
    </message>
    <message>
        <source>The order of the installed version and a stated bound is not known</source>
        <translation>Die Reihenfolge von installierter Version und einer angegebenen Grenze ist nicht bekannt</translation>
    </message>
    <message>
        <source>The other records were stored. Each update reads them again; if this lasts, the source has probably changed its format: install a newer version of the program, or report it.</source>
        <translation>Die übrigen Einträge wurden gespeichert. Jede Aktualisierung liest sie erneut; hält das an, hat die Quelle wahrscheinlich ihr Format geändert: Installieren Sie eine neuere Version des Programms, oder melden Sie es.</translation>
    </message>
    <message>
        <source>The pause cannot end in the past</source>
        <translation>Die Pause kann nicht in der Vergangenheit enden</translation>
    </message>
    <message>
        <source>The pictures cannot be written</source>
        <translation>Die Bilder können nicht geschrieben werden</translation>
    </message>
    <message>
        <source>The position of a source in it cannot be read.</source>
        <translation>Die Position einer Quelle darin kann nicht gelesen werden.</translation>
    </message>
    <message>
        <source>The product was no longer supported when this became known</source>
        <translation>Das Produkt wurde nicht mehr unterstützt, als dies bekannt wurde</translation>
    </message>
    <message>
        <source>The program is stopping. The run continues at the next start.</source>
        <translation>Das Programm wird beendet. Der Lauf geht beim nächsten Start weiter.</translation>
    </message>
    <message>
        <source>The program's own API is not answering</source>
        <translation>Die eigene API des Programms antwortet nicht</translation>
    </message>
    <message>
        <source>The proxy refuses the connection</source>
        <translation>Der Proxy verweigert die Verbindung</translation>
    </message>
    <message>
        <source>The proxy {proxy} cannot connect to {host} ({value3}).</source>
        <translation>Der Proxy {proxy} kann keine Verbindung zu {host} herstellen ({value3}).</translation>
    </message>
    <message>
        <source>The proxy {proxy} does not accept the user and the password.</source>
        <translation>Der Proxy {proxy} akzeptiert Benutzer und Kennwort nicht.</translation>
    </message>
    <message>
        <source>The proxy {proxy} on the way to {host} could not be reached.</source>
        <translation>Der Proxy {proxy} auf dem Weg zu {host} war nicht erreichbar.</translation>
    </message>
    <message>
        <source>The proxy {proxy} refuses to connect to {host} ({value3}).</source>
        <translation>Der Proxy {proxy} lehnt die Verbindung zu {host} ab ({value3}).</translation>
    </message>
    <message>
        <source>The proxy {proxy} requires a user and a password.</source>
        <translation>Der Proxy {proxy} verlangt einen Benutzer und ein Kennwort.</translation>
    </message>
    <message>
        <source>The proxy's address has the form host:port</source>
        <translation>Die Adresse des Proxys hat die Form host:port</translation>
    </message>
    <message>
        <source>The records present were stored; the next update checks the feed again.</source>
        <translation>Die vorhandenen Einträge wurden gespeichert; die nächste Aktualisierung prüft die Liste erneut.</translation>
    </message>
    <message>
        <source>The report cannot be saved</source>
        <translation>Der Bericht kann nicht gespeichert werden</translation>
    </message>
    <message>
        <source>The report cannot be written</source>
        <translation>Der Bericht kann nicht geschrieben werden</translation>
    </message>
    <message>
        <source>The report could not be delivered</source>
        <translation>Der Bericht konnte nicht zugestellt werden</translation>
    </message>
    <message>
        <source>The request failed because of a fault in the program.</source>
        <translation>Die Anfrage ist wegen eines Fehlers im Programm gescheitert.</translation>
    </message>
    <message>
        <source>The request is not valid</source>
        <translation>Die Anfrage ist ungültig</translation>
    </message>
    <message>
        <source>The request is not valid JSON</source>
        <translation>Die Anfrage ist kein gültiges JSON</translation>
    </message>
    <message>
        <source>The room on the disk is not known</source>
        <translation>Der Platz auf dem Datenträger ist nicht bekannt</translation>
    </message>
    <message>
        <source>The run did not end within {value1} minutes and ignored the request to stop.</source>
        <translation>Der Lauf endete nicht innerhalb von {value1} Minuten und reagierte nicht auf die Bitte anzuhalten.</translation>
    </message>
    <message>
        <source>The run did not end within {value1} minutes.</source>
        <translation>Der Lauf endete nicht innerhalb von {value1} Minuten.</translation>
    </message>
    <message>
        <source>The run was cancelled by request.</source>
        <translation>Der Lauf wurde auf Wunsch abgebrochen.</translation>
    </message>
    <message>
        <source>The running program does not answer</source>
        <translation>Das laufende Programm antwortet nicht</translation>
    </message>
    <message>
        <source>The running program does not end</source>
        <translation>Das laufende Programm wird nicht beendet</translation>
    </message>
    <message>
        <source>The same entry is there already.</source>
        <translation>Derselbe Eintrag ist schon vorhanden.</translation>
    </message>
    <message>
        <source>The schedule is being kept</source>
        <translation>Der Zeitplan wird eingehalten</translation>
    </message>
    <message>
        <source>The schedule is not valid</source>
        <translation>Der Zeitplan ist ungültig</translation>
    </message>
    <message>
        <source>The schedule is paused until {until}</source>
        <translation>Der Zeitplan ist angehalten bis {until}</translation>
    </message>
    <message>
        <source>The search index is damaged</source>
        <translation>Der Suchindex ist beschädigt</translation>
    </message>
    <message>
        <source>The search index is whole</source>
        <translation>Der Suchindex ist vollständig</translation>
    </message>
    <message>
        <source>The search works again</source>
        <translation>Die Suche funktioniert wieder</translation>
    </message>
    <message>
        <source>The secret cannot be changed here</source>
        <translation>Das Geheimnis kann hier nicht geändert werden</translation>
    </message>
    <message>
        <source>The secret cannot be saved</source>
        <translation>Das Geheimnis kann nicht gespeichert werden</translation>
    </message>
    <message>
        <source>The server refuses {value1}.</source>
        <translation>Der Server lehnt {value1} ab.</translation>
    </message>
    <message>
        <source>The service has to fix this; the next update tries again automatically.</source>
        <translation>Das muss der Dienst beheben; die nächste Aktualisierung versucht es automatisch erneut.</translation>
    </message>
    <message>
        <source>The service is being restarted, and the run is marked as failed.</source>
        <translation>Der Dienst wird neu gestartet und der Lauf als fehlgeschlagen vermerkt.</translation>
    </message>
    <message>
        <source>The service is being restarted, and the run is repeated.</source>
        <translation>Der Dienst wird neu gestartet und der Lauf wiederholt.</translation>
    </message>
    <message>
        <source>The settings can be read</source>
        <translation>Die Einstellungen können gelesen werden</translation>
    </message>
    <message>
        <source>The settings cannot be saved</source>
        <translation>Die Einstellungen können nicht gespeichert werden</translation>
    </message>
    <message>
        <source>The settings file cannot be read</source>
        <translation>Die Einstellungsdatei kann nicht gelesen werden</translation>
    </message>
    <message>
        <source>The settings file cannot be used</source>
        <translation>Die Einstellungsdatei kann nicht verwendet werden</translation>
    </message>
    <message>
        <source>The settings file was damaged</source>
        <translation>Die Einstellungsdatei war beschädigt</translation>
    </message>
    <message>
        <source>The start at login cannot be changed</source>
        <translation>Der Start bei der Anmeldung kann nicht geändert werden</translation>
    </message>
    <message>
        <source>The stated versions cannot be read</source>
        <translation>Die angegebenen Versionen sind nicht lesbar</translation>
    </message>
    <message>
        <source>The status of the installed version is not stated</source>
        <translation>Der Status der installierten Version ist nicht angegeben</translation>
    </message>
    <message>
        <source>The stored records stay unchanged; the next update tries again automatically.</source>
        <translation>Die gespeicherten Einträge bleiben unverändert; die nächste Aktualisierung versucht es automatisch erneut.</translation>
    </message>
    <message>
        <source>The system does not say it for {home}.</source>
        <translation>Das System gibt es für {home} nicht an.</translation>
    </message>
    <message>
        <source>The system refuses access to Docker's engine.</source>
        <translation>Das System verweigert den Zugriff auf die Docker-Engine.</translation>
    </message>
    <message>
        <source>The system's proxy cannot be used</source>
        <translation>Der Proxy des Systems kann nicht verwendet werden</translation>
    </message>
    <message>
        <source>The table cannot be read</source>
        <translation>Die Tabelle kann nicht gelesen werden</translation>
    </message>
    <message>
        <source>The table has no columns cve and epss: “{value1}”.</source>
        <translation>Die Tabelle hat keine Spalten cve und epss: „{value1}“.</translation>
    </message>
    <message>
        <source>The tables of known products are empty</source>
        <translation>Die Tabellen bekannter Produkte sind leer</translation>
    </message>
    <message>
        <source>The tables of known products can be read</source>
        <translation>Die Tabellen bekannter Produkte können gelesen werden</translation>
    </message>
    <message>
        <source>The tables of known products cannot be read</source>
        <translation>Die Tabellen bekannter Produkte können nicht gelesen werden</translation>
    </message>
    <message>
        <source>The task failed unexpectedly</source>
        <translation>Die Aufgabe ist unerwartet fehlgeschlagen</translation>
    </message>
    <message>
        <source>The task of {name} has made no progress for more than 10 minutes.</source>
        <translation>Die Aufgabe von {name} macht seit mehr als 10 Minuten keinen Fortschritt.</translation>
    </message>
    <message>
        <source>The time zone has no known name</source>
        <translation>Die Zeitzone hat keinen bekannten Namen</translation>
    </message>
    <message>
        <source>The time zone is known</source>
        <translation>Die Zeitzone ist bekannt</translation>
    </message>
    <message>
        <source>The update has ended.</source>
        <translation>Die Aktualisierung ist beendet.</translation>
    </message>
    <message>
        <source>The update works again</source>
        <translation>Die Aktualisierung funktioniert wieder</translation>
    </message>
    <message>
        <source>The user cannot be determined</source>
        <translation>Der Benutzer kann nicht bestimmt werden</translation>
    </message>
    <message>
        <source>The webhook cannot be saved</source>
        <translation>Der Webhook kann nicht gespeichert werden</translation>
    </message>
    <message>
        <source>The windows cannot be shown</source>
        <translation>Die Fenster können nicht angezeigt werden</translation>
    </message>
    <message>
        <source>The {name} does not return what was sent</source>
        <translation>{name} gibt nicht zurück, was gesendet wurde</translation>
    </message>
    <message>
        <source>The {name} feed does not have the stated checksum.</source>
        <translation>Der Feed {name} hat nicht die angegebene Prüfsumme.</translation>
    </message>
    <message>
        <source>The {name} feed has an unexpected format: {error}.</source>
        <translation>Der Feed {name} hat ein unerwartetes Format: {error}.</translation>
    </message>
    <message>
        <source>The {service} service cannot be started</source>
        <translation>Der Dienst „{service}“ kann nicht gestartet werden</translation>
    </message>
    <message>
        <source>The {service} service cannot run</source>
        <translation>Der Dienst „{service}“ kann nicht laufen</translation>
    </message>
    <message>
        <source>The {service} service ended unexpectedly</source>
        <translation>Der Dienst „{service}“ wurde unerwartet beendet</translation>
    </message>
    <message>
        <source>The {service} service has stopped responding</source>
        <translation>Der Dienst „{service}“ reagiert nicht mehr</translation>
    </message>
    <message>
        <source>The {service} service is not running</source>
        <translation>Der Dienst „{service}“ läuft nicht</translation>
    </message>
    <message>
        <source>The {service} service keeps failing</source>
        <translation>Der Dienst „{service}“ fällt immer wieder aus</translation>
    </message>
    <message>
        <source>The {service} service runs again</source>
        <translation>Der Dienst „{service}“ läuft wieder</translation>
    </message>
    <message>
        <source>The {title} service is idle, but {waited}. It is being restarted.</source>
        <translation>Der Dienst {title} hat nichts zu tun, aber {waited}. Er wird neu gestartet.</translation>
    </message>
    <message>
        <source>Their containers run but do not answer yet.</source>
        <translation>Ihre Container laufen, antworten aber noch nicht.</translation>
    </message>
    <message>
        <source>There are too many webhooks</source>
        <translation>Es gibt zu viele Webhooks</translation>
    </message>
    <message>
        <source>There is a token with the name “{name}” already.</source>
        <translation>Es gibt schon ein Token mit dem Namen „{name}“.</translation>
    </message>
    <message>
        <source>There is a webhook with this name</source>
        <translation>Es gibt einen Webhook mit diesem Namen</translation>
    </message>
    <message>
        <source>There is no event {up_to}.</source>
        <translation>Es gibt kein Ereignis {up_to}.</translation>
    </message>
    <message>
        <source>There is no finding {finding_id} that is not resolved.</source>
        <translation>Es gibt keinen Befund {finding_id}, der nicht erledigt ist.</translation>
    </message>
    <message>
        <source>There is no machine “{value1}”.</source>
        <translation>Es gibt keinen Rechner „{value1}“.</translation>
    </message>
    <message>
        <source>There is no program with the number {program}.</source>
        <translation>Es gibt kein Programm mit der Nummer {program}.</translation>
    </message>
    <message>
        <source>There is no record of {cve_id}.</source>
        <translation>Zu {cve_id} gibt es keinen Eintrag.</translation>
    </message>
    <message>
        <source>There is no room for the bundle in {value1}.</source>
        <translation>In {value1} ist kein Platz für das Datenpaket.</translation>
    </message>
    <message>
        <source>There is no room for the report</source>
        <translation>Für den Bericht ist kein Platz</translation>
    </message>
    <message>
        <source>There is no space for {name} in {parent}.</source>
        <translation>In {parent} ist kein Platz für {name}.</translation>
    </message>
    <message>
        <source>There is no token with the number {token_id}.</source>
        <translation>Es gibt kein Token mit der Nummer {token_id}.</translation>
    </message>
    <message>
        <source>There is nothing to put into a bundle yet</source>
        <translation>Es gibt noch nichts für ein Datenpaket</translation>
    </message>
    <message>
        <source>There is room on the disk</source>
        <translation>Auf dem Datenträger ist Platz</translation>
    </message>
    <message>
        <source>There is room on the disk again</source>
        <translation>Auf dem Datenträger ist wieder Platz</translation>
    </message>
    <message>
        <source>They are {names}. Nothing was changed.</source>
        <translation>Es sind {names}. Nichts wurde geändert.</translation>
    </message>
    <message>
        <source>This API requires a token, and the request has none, or one that is unknown or revoked.</source>
        <translation>Diese API verlangt ein Token, und die Anfrage hat keines oder eines, das unbekannt oder widerrufen ist.</translation>
    </message>
    <message>
        <source>This OpenThreat belongs to another user</source>
        <translation>Dieses OpenThreat gehört einem anderen Benutzer</translation>
    </message>
    <message>
        <source>This account is not allowed to use Docker</source>
        <translation>Dieses Konto darf Docker nicht verwenden</translation>
    </message>
    <message>
        <source>This address does not support the method.</source>
        <translation>Diese Adresse unterstützt die Methode nicht.</translation>
    </message>
    <message>
        <source>This could not be done</source>
        <translation>Das war nicht möglich</translation>
    </message>
    <message>
        <source>This data folder was moved or copied.</source>
        <translation>Dieser Datenordner wurde verschoben oder kopiert.</translation>
    </message>
    <message>
        <source>This docker program does not support `docker compose`.</source>
        <translation>Dieses Programm docker unterstützt `docker compose` nicht.</translation>
    </message>
    <message>
        <source>This is a fault in the program. Please report it with the traceback.</source>
        <translation>Das ist ein Fehler im Programm. Bitte melden Sie ihn mit der Fehlerspur.</translation>
    </message>
    <message>
        <source>This is needed once and may take some minutes.</source>
        <translation>Das ist nur einmal nötig und kann einige Minuten dauern.</translation>
    </message>
    <message>
        <source>This name is taken</source>
        <translation>Dieser Name ist vergeben</translation>
    </message>
    <message>
        <source>This token has the role “{role}”; this request needs “{needed}”.</source>
        <translation>Dieses Token hat die Rolle „{role}“; diese Anfrage braucht „{needed}“.</translation>
    </message>
    <message>
        <source>Time limit exceeded</source>
        <translation>Zeitlimit überschritten</translation>
    </message>
    <message>
        <source>Title or description name only {named}.</source>
        <translation>Titel oder Beschreibung nennen nur {named}.</translation>
    </message>
    <message>
        <source>To search for words, use the search.</source>
        <translation>Nach Wörtern suchen Sie mit der Suche.</translation>
    </message>
    <message>
        <source>Token missing or wrong</source>
        <translation>Token fehlt oder ist falsch</translation>
    </message>
    <message>
        <source>Too many requests to NVD</source>
        <translation>Zu viele Anfragen an NVD</translation>
    </message>
    <message>
        <source>Try again in a minute. If that does not help, close database tools that have the file open.</source>
        <translation>Versuchen Sie es in einer Minute erneut. Hilft das nicht, schließen Sie Datenbankwerkzeuge, die die Datei geöffnet haben.</translation>
    </message>
    <message>
        <source>Try again in a moment.</source>
        <translation>Versuchen Sie es gleich noch einmal.</translation>
    </message>
    <message>
        <source>Turn on at least one source in the settings.</source>
        <translation>Schalten Sie in den Einstellungen mindestens eine Quelle ein.</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>Unbekannt</translation>
    </message>
    <message>
        <source>Unused space of the database is not returned</source>
        <translation>Ungenutzter Platz der Datenbank wird nicht freigegeben</translation>
    </message>
    <message>
        <source>Update Docker Desktop, or install the package docker-compose-plugin.</source>
        <translation>Aktualisieren Sie Docker Desktop, oder installieren Sie das Paket docker-compose-plugin.</translation>
    </message>
    <message>
        <source>Updated to {version}.</source>
        <translation>Auf {version} aktualisiert.</translation>
    </message>
    <message>
        <source>Updates</source>
        <translation>Aktualisierungen</translation>
    </message>
    <message>
        <source>Updates and Jobs</source>
        <translation>Aktualisierungen und Aufträge</translation>
    </message>
    <message>
        <source>Updates and jobs are not running</source>
        <translation>Aktualisierungen und Aufträge laufen nicht</translation>
    </message>
    <message>
        <source>Updates run by themselves</source>
        <translation>Aktualisierungen laufen von selbst</translation>
    </message>
    <message>
        <source>Use http://127.0.0.1 with the port of the API.</source>
        <translation>Verwenden Sie http://127.0.0.1 mit dem Port der API.</translation>
    </message>
    <message>
        <source>Use other ports, or end that program or container.</source>
        <translation>Verwenden Sie andere Ports, oder beenden Sie dieses Programm oder diesen Container.</translation>
    </message>
    <message>
        <source>Use other ports, or end the program that uses it.</source>
        <translation>Verwenden Sie andere Ports, oder beenden Sie das Programm, das ihn verwendet.</translation>
    </message>
    <message>
        <source>Use other ports.</source>
        <translation>Verwenden Sie andere Ports.</translation>
    </message>
    <message>
        <source>Use postgresql://user:password@host:5432/name, or leave it empty for the built-in database.</source>
        <translation>Verwenden Sie postgresql://user:password@host:5432/name, oder lassen Sie es für die integrierte Datenbank leer.</translation>
    </message>
    <message>
        <source>Used in ransomware campaigns</source>
        <translation>In Ransomware-Kampagnen eingesetzt</translation>
    </message>
    <message>
        <source>Version {version}, process {pid}, {api_base}.</source>
        <translation>Version {version}, Prozess {pid}, {api_base}.</translation>
    </message>
    <message>
        <source>Versions are stated as commits</source>
        <translation>Versionen sind als Commits angegeben</translation>
    </message>
    <message>
        <source>Wait for its end, or cancel it: `openthreat cancel {task_id}`.</source>
        <translation>Warten Sie das Ende ab oder brechen Sie ab: `openthreat cancel {task_id}`.</translation>
    </message>
    <message>
        <source>Wait until the first update has ended.</source>
        <translation>Warten Sie, bis die erste Aktualisierung beendet ist.</translation>
    </message>
    <message>
        <source>What is installed cannot be read</source>
        <translation>Was installiert ist, kann nicht gelesen werden</translation>
    </message>
    <message>
        <source>What it has written stays. The next run continues from there.</source>
        <translation>Was er geschrieben hat, bleibt. Der nächste Lauf macht dort weiter.</translation>
    </message>
    <message>
        <source>Windows</source>
        <translation>Windows</translation>
    </message>
    <message>
        <source>Windows denies access to it.</source>
        <translation>Windows verweigert den Zugriff darauf.</translation>
    </message>
    <message>
        <source>Windows does not open {unread}. What was known before stays.</source>
        <translation>Windows öffnet {unread} nicht. Was zuvor bekannt war, bleibt.</translation>
    </message>
    <message>
        <source>Windows does not start commands longer than {MAX_LENGTH} characters.</source>
        <translation>Windows startet keine Befehle mit mehr als {MAX_LENGTH} Zeichen.</translation>
    </message>
    <message>
        <source>With OPENTHREAT_API_TOKEN set, the API answers every program that sends the token, of any user.</source>
        <translation>Ist OPENTHREAT_API_TOKEN gesetzt, antwortet die API jedem Programm, das das Token sendet, gleich welches Benutzers.</translation>
    </message>
    <message>
        <source>Work continues as soon as it is released. If that takes long, close database tools that have it open.</source>
        <translation>Es geht weiter, sobald sie freigegeben ist. Dauert das lange, schließen Sie Datenbankwerkzeuge, die sie geöffnet haben.</translation>
    </message>
    <message>
        <source>Workers are running</source>
        <translation>Worker laufen</translation>
    </message>
    <message>
        <source>Write it anew as CSV in UTF-8.</source>
        <translation>Speichern Sie sie neu als CSV in UTF-8.</translation>
    </message>
    <message>
        <source>XML is not read</source>
        <translation>XML wird nicht gelesen</translation>
    </message>
    <message>
        <source>`after` is not a position in this list: {error}.</source>
        <translation>`after` ist keine Position in dieser Liste: {error}.</translation>
    </message>
    <message>
        <source>`bundle.trusted_key` is no key</source>
        <translation>`bundle.trusted_key` ist kein Schlüssel</translation>
    </message>
    <message>
        <source>`openthreat down` ends it.</source>
        <translation>`openthreat down` beendet es.</translation>
    </message>
    <message>
        <source>`openthreat down` ends it; `openthreat tray --replace` ends it and starts the tray.</source>
        <translation>`openthreat down` beendet es; `openthreat tray --replace` beendet es und startet den Infobereich.</translation>
    </message>
    <message>
        <source>`openthreat inventory import FILE` imports a list or an SBOM from a file.</source>
        <translation>`openthreat inventory import FILE` importiert eine Liste oder eine SBOM aus einer Datei.</translation>
    </message>
    <message>
        <source>`openthreat inventory list` and {API_PREFIX}/machines list all of them.</source>
        <translation>`openthreat inventory list` und {API_PREFIX}/machines führen alle auf.</translation>
    </message>
    <message>
        <source>`openthreat up` runs for the data folder {home}.</source>
        <translation>`openthreat up` läuft für den Datenordner {home}.</translation>
    </message>
    <message>
        <source>`openthreat up` starts it.</source>
        <translation>`openthreat up` startet es.</translation>
    </message>
    <message>
        <source>`openthreat up` starts your own, on another port. With OPENTHREAT_API_TOKEN set, the API answers every program that sends the token, of any user.</source>
        <translation>`openthreat up` startet Ihre eigene auf einem anderen Port. Ist OPENTHREAT_API_TOKEN gesetzt, antwortet die API jedem Programm, das das Token sendet, gleich welchen Benutzers.</translation>
    </message>
    <message>
        <source>`openthreat` starts it.</source>
        <translation>`openthreat` startet es.</translation>
    </message>
    <message>
        <source>after {start}</source>
        <translation>nach {start}</translation>
    </message>
    <message>
        <source>after {start} to before {end}</source>
        <translation>nach {start} bis vor {end}</translation>
    </message>
    <message>
        <source>after {start} to {end}</source>
        <translation>nach {start} bis {end}</translation>
    </message>
    <message>
        <source>all</source>
        <translation>alle</translation>
    </message>
    <message>
        <source>another program answers</source>
        <translation>ein anderes Programm antwortet</translation>
    </message>
    <message>
        <source>before {end}</source>
        <translation>vor {end}</translation>
    </message>
    <message>
        <source>from {start}</source>
        <translation>ab {start}</translation>
    </message>
    <message>
        <source>from {start} to before {end}</source>
        <translation>ab {start} bis vor {end}</translation>
    </message>
    <message>
        <source>from {start} to {end}</source>
        <translation>ab {start} bis {end}</translation>
    </message>
    <message>
        <source>iOS</source>
        <translation>iOS</translation>
    </message>
    <message>
        <source>it is resumed</source>
        <translation>zum Fortsetzen</translation>
    </message>
    <message>
        <source>less than 1 %</source>
        <translation>weniger als 1 %</translation>
    </message>
    <message>
        <source>macOS</source>
        <translation>macOS</translation>
    </message>
    <message>
        <source>more than 99 %</source>
        <translation>mehr als 99 %</translation>
    </message>
    <message>
        <source>no answer from {base} within {wait_s} s</source>
        <translation>keine Antwort von {base} innerhalb von {wait_s} s</translation>
    </message>
    <message>
        <source>no connection to {base} in time</source>
        <translation>keine rechtzeitige Verbindung zu {base}</translation>
    </message>
    <message>
        <source>nothing listens at {base}</source>
        <translation>unter {base} antwortet nichts</translation>
    </message>
    <message>
        <source>other systems</source>
        <translation>andere Systeme</translation>
    </message>
    <message>
        <source>stack.env belongs to another data folder</source>
        <translation>stack.env gehört zu einem anderen Datenordner</translation>
    </message>
    <message>
        <source>stack.env cannot be used</source>
        <translation>stack.env ist unbrauchbar</translation>
    </message>
    <message>
        <source>stack.env is missing</source>
        <translation>stack.env fehlt</translation>
    </message>
    <message>
        <source>the CNA</source>
        <translation>die CNA</translation>
    </message>
    <message>
        <source>the answer broke off</source>
        <translation>die Antwort brach ab</translation>
    </message>
    <message>
        <source>the answer cannot be understood</source>
        <translation>die Antwort ist nicht verständlich</translation>
    </message>
    <message>
        <source>the answer is far too long</source>
        <translation>die Antwort ist viel zu lang</translation>
    </message>
    <message>
        <source>there is no way to {base}</source>
        <translation>es gibt keinen Weg zu {base}</translation>
    </message>
    <message>
        <source>today</source>
        <translation>heute</translation>
    </message>
    <message>
        <source>up to {end}</source>
        <translation>bis {end}</translation>
    </message>
    <message>
        <source>what answers at {base} does not speak HTTP</source>
        <translation>was unter {base} antwortet, spricht kein HTTP</translation>
    </message>
    <message>
        <source>yesterday</source>
        <translation>gestern</translation>
    </message>
    <message>
        <source>{API_PREFIX}/findings lists all of them.</source>
        <translation>{API_PREFIX}/findings führt alle auf.</translation>
    </message>
    <message>
        <source>{API_PREFIX}/inbox lists all of them.</source>
        <translation>{API_PREFIX}/inbox führt alle auf.</translation>
    </message>
    <message>
        <source>{API_PREFIX}/programs lists all of them.</source>
        <translation>{API_PREFIX}/programs führt alle auf.</translation>
    </message>
    <message>
        <source>{API_PREFIX}/webhooks lists all of them.</source>
        <translation>{API_PREFIX}/webhooks listet alle auf.</translation>
    </message>
    <message>
        <source>{MOST_INTERRUPTIONS} workers have died while they ran this task.</source>
        <translation>{MOST_INTERRUPTIONS} Worker sind bei dieser Aufgabe abgestürzt.</translation>
    </message>
    <message>
        <source>{address} does not answer ({reason}).</source>
        <translation>{address} antwortet nicht ({reason}).</translation>
    </message>
    <message>
        <source>{advice}</source>
        <translation>{advice}</translation>
    </message>
    <message>
        <source>{api_host} can be reached by other machines.</source>
        <translation>{api_host} ist von anderen Rechnern erreichbar.</translation>
    </message>
    <message>
        <source>{base} closed the connection without an answer</source>
        <translation>{base} schloss die Verbindung ohne Antwort</translation>
    </message>
    <message>
        <source>{cve_id} is not one.</source>
        <translation>{cve_id} ist keine.</translation>
    </message>
    <message>
        <source>{days} days ago</source>
        <translation>vor {days} Tagen</translation>
    </message>
    <message>
        <source>{done} of {value2} layers downloaded.</source>
        <translation>{done} von {value2} Schichten heruntergeladen.</translation>
    </message>
    <message>
        <source>{folder} belongs to another user and has the rights {rights}.</source>
        <translation>{folder} gehört einem anderen Benutzer und hat die Rechte {rights}.</translation>
    </message>
    <message>
        <source>{folder} has {value2} MB left, and rewriting {path} takes {value4}.</source>
        <translation>{folder} hat noch {value2} MB frei, und {path} neu zu schreiben braucht {value4}.</translation>
    </message>
    <message>
        <source>{folder} holds more than the program's data, so its rights were left at {rights}.</source>
        <translation>{folder} enthält nicht nur Daten des Programms; die Rechte blieben daher {rights}.</translation>
    </message>
    <message>
        <source>{folder} keeps the rights {rights}, as folders on some network drives and removable disks do.</source>
        <translation>{folder} behält die Rechte {rights}, wie Ordner auf manchen Netzlaufwerken und Wechseldatenträgern.</translation>
    </message>
    <message>
        <source>{folder} lies outside your user folder.</source>
        <translation>{folder} liegt außerhalb Ihres Benutzerordners.</translation>
    </message>
    <message>
        <source>{folder}: {value2}. The next report covers this time as well.</source>
        <translation>{folder}: {value2}. Der nächste Bericht umfasst auch diese Zeit.</translation>
    </message>
    <message>
        <source>{holder} has not sent for a day. Start the program there, or enter the address on another PC.</source>
        <translation>{holder} hat seit einem Tag nicht gesendet. Starten Sie das Programm dort, oder geben Sie die Adresse auf einem anderen PC ein.</translation>
    </message>
    <message>
        <source>{holder} has the address in its keyring, and sends.</source>
        <translation>{holder} hat die Adresse in seinem Schlüsselbund und sendet.</translation>
    </message>
    <message>
        <source>{holder} listens there.</source>
        <translation>Er ist belegt von: {holder}.</translation>
    </message>
    <message>
        <source>{hostname} did not answer in {total_s} seconds.</source>
        <translation>{hostname} hat nicht innerhalb von {total_s} Sekunden geantwortet.</translation>
    </message>
    <message>
        <source>{hostname} redirects again and again.</source>
        <translation>{hostname} leitet immer wieder um.</translation>
    </message>
    <message>
        <source>{hostname} redirects to another server, which does not get the message.</source>
        <translation>{hostname} leitet zu einem anderen Server um; dieser erhält die Nachricht nicht.</translation>
    </message>
    <message>
        <source>{host} answered {answer}.</source>
        <translation>{host} antwortete mit {answer}.</translation>
    </message>
    <message>
        <source>{host} broke off in the middle of its answer.</source>
        <translation>{host} brach mitten in der Antwort ab.</translation>
    </message>
    <message>
        <source>{host} did not answer in time.</source>
        <translation>{host} antwortete nicht rechtzeitig.</translation>
    </message>
    <message>
        <source>{host} redirected to an address without encryption.</source>
        <translation>{host} leitete zu einer unverschlüsselten Adresse um.</translation>
    </message>
    <message>
        <source>{host} redirects ({status}) in a way that a message cannot follow.</source>
        <translation>{host} leitet um ({status}), ohne dass eine Nachricht folgen kann.</translation>
    </message>
    <message>
        <source>{host} refused the connection.</source>
        <translation>{host} lehnte die Verbindung ab.</translation>
    </message>
    <message>
        <source>{label} is turned off</source>
        <translation>{label} ist ausgeschaltet</translation>
    </message>
    <message>
        <source>{label} is up to date</source>
        <translation>{label} ist aktuell</translation>
    </message>
    <message>
        <source>{message} It belongs to {value2}.</source>
        <translation>{message} Er gehört zu {value2}.</translation>
    </message>
    <message>
        <source>{named} and {value2} more</source>
        <translation>{named} und {value2} weitere</translation>
    </message>
    <message>
        <source>{names}. Each entry still starts once.</source>
        <translation>{names}. Jeder Eintrag startet trotzdem nur einmal.</translation>
    </message>
    <message>
        <source>{name} answers.</source>
        <translation>{name} antwortet.</translation>
    </message>
    <message>
        <source>{name} exists.</source>
        <translation>{name} gibt es bereits.</translation>
    </message>
    <message>
        <source>{name} has been running {current_task_name} without progress for more than 10 minutes.</source>
        <translation>{name} führt {current_task_name} seit mehr als 10 Minuten ohne Fortschritt aus.</translation>
    </message>
    <message>
        <source>{name} takes tasks</source>
        <translation>{name} nimmt Aufgaben an</translation>
    </message>
    <message>
        <source>{name}: {message}. The data stored before is intact.</source>
        <translation>{name}: {message}. Die zuvor gespeicherten Daten sind unversehrt.</translation>
    </message>
    <message>
        <source>{nothing} {value2} overdue.</source>
        <translation>{nothing} {value2} überfällig.</translation>
    </message>
    <message>
        <source>{other} is not supported.</source>
        <translation>{other} wird nicht unterstützt.</translation>
    </message>
    <message>
        <source>{path} cannot be read: {value2}.</source>
        <translation>{path} ist nicht lesbar: {value2}.</translation>
    </message>
    <message>
        <source>{path} cannot be written: {reason} The data stored before is intact.</source>
        <translation>{path} kann nicht geschrieben werden: {reason} Die zuvor gespeicherten Daten sind unversehrt.</translation>
    </message>
    <message>
        <source>{path} has no secret key.</source>
        <translation>{path} enthält keinen geheimen Schlüssel.</translation>
    </message>
    <message>
        <source>{path} is no text in UTF-8.</source>
        <translation>{path} ist kein Text in UTF-8.</translation>
    </message>
    <message>
        <source>{programs} programs, {packages} packages.</source>
        <translation>{programs} Programme, {packages} Pakete.</translation>
    </message>
    <message>
        <source>{read} instead of {written}.</source>
        <translation>{read} statt {written}.</translation>
    </message>
    <message>
        <source>{reason}</source>
        <translation>{reason}</translation>
    </message>
    <message>
        <source>{reason} Existing data are kept.</source>
        <translation>{reason} Vorhandene Daten bleiben erhalten.</translation>
    </message>
    <message>
        <source>{reason} What is new is kept and sent later.</source>
        <translation>{reason} Neues wird aufgehoben und später gesendet.</translation>
    </message>
    <message>
        <source>{refused} of {seen} records were refused.{example}</source>
        <translation>{refused} von {seen} Einträgen wurden abgelehnt.{example}</translation>
    </message>
    <message>
        <source>{room} free in the data folder ({folder}).</source>
        <translation>{room} frei im Datenordner ({folder}).</translation>
    </message>
    <message>
        <source>{server} answers again</source>
        <translation>{server} antwortet wieder</translation>
    </message>
    <message>
        <source>{server} cannot be reached</source>
        <translation>{server} ist nicht erreichbar</translation>
    </message>
    <message>
        <source>{setting} is not the name of a time zone. The system reads it as {zone}, and so does the schedule.</source>
        <translation>{setting} ist kein Name einer Zeitzone. Das System liest es als {zone}, ebenso der Zeitplan.</translation>
    </message>
    <message>
        <source>{sources} could not be updated</source>
        <translation>Aktualisierung fehlgeschlagen: {sources}</translation>
    </message>
    <message>
        <source>{sources} is up to date again</source>
        <translation>Wieder aktuell: {sources}</translation>
    </message>
    <message>
        <source>{sources}: not loaded yet</source>
        <translation>{sources}: noch nicht geladen</translation>
    </message>
    <message>
        <source>{sources}: out of date</source>
        <translation>{sources}: veraltet</translation>
    </message>
    <message>
        <source>{source} cannot be reached</source>
        <translation>{source} ist nicht erreichbar</translation>
    </message>
    <message>
        <source>{source} cannot be trusted</source>
        <translation>{source} ist nicht vertrauenswürdig</translation>
    </message>
    <message>
        <source>{source} has no {name} feed</source>
        <translation>{source} hat keinen Feed {name}</translation>
    </message>
    <message>
        <source>{source} refused the request</source>
        <translation>{source} lehnte die Anfrage ab</translation>
    </message>
    <message>
        <source>{source} sent a damaged file</source>
        <translation>{source} schickte eine beschädigte Datei</translation>
    </message>
    <message>
        <source>{source} sent a web page instead of data</source>
        <translation>{source} schickte eine Webseite statt Daten</translation>
    </message>
    <message>
        <source>{source} sent invalid data</source>
        <translation>{source} schickte ungültige Daten</translation>
    </message>
    <message>
        <source>{source} sent too much</source>
        <translation>{source} schickte zu viel</translation>
    </message>
    <message>
        <source>{task} failed</source>
        <translation>{task} ist fehlgeschlagen</translation>
    </message>
    <message>
        <source>{task} works again</source>
        <translation>{task} funktioniert wieder</translation>
    </message>
    <message>
        <source>{title}</source>
        <translation>{title}</translation>
    </message>
    <message>
        <source>{until} UTC is over.</source>
        <translation>{until} UTC ist vorbei.</translation>
    </message>
    <message>
        <source>{url} answered with a page without a title.</source>
        <translation>{url} antwortete mit einer Seite ohne Titel.</translation>
    </message>
    <message>
        <source>{url} answered with the page “{title}”.</source>
        <translation>{url} antwortete mit der Seite „{title}“.</translation>
    </message>
    <message>
        <source>{value1} MB are free.</source>
        <translation>{value1} MB sind frei.</translation>
    </message>
    <message>
        <source>{value1} cannot be used</source>
        <translation>{value1} kann nicht verwendet werden</translation>
    </message>
    <message>
        <source>{value1} could not continue the download.</source>
        <translation>{value1} konnte den Download nicht fortsetzen.</translation>
    </message>
    <message>
        <source>{value1} has {listed} entries instead of about {stored}, which is probably a failure. No record was withdrawn; all else was read.</source>
        <translation>{value1} hat {listed} Einträge statt etwa {stored}, was vermutlich ein Fehler ist. Es wurde kein Eintrag zurückgezogen; alles Übrige wurde gelesen.</translation>
    </message>
    <message>
        <source>{value1} is the largest number.</source>
        <translation>Höchstens {value1} sind möglich.</translation>
    </message>
    <message>
        <source>{value1} listens on it.</source>
        <translation>{value1} lauscht dort.</translation>
    </message>
    <message>
        <source>{value1} modules.</source>
        <translation>{value1} Module.</translation>
    </message>
    <message>
        <source>{value1} new{exploited}. {value3} fixed, {value4} overdue.</source>
        <translation>{value1} neu{exploited}. {value3} behoben, {value4} überfällig.</translation>
    </message>
    <message>
        <source>{value1} sent far fewer records than before</source>
        <translation>{value1} schickte weit weniger Einträge als zuvor</translation>
    </message>
    <message>
        <source>{value1} sent records that cannot be read</source>
        <translation>{value1} schickte Einträge, die nicht lesbar sind</translation>
    </message>
    <message>
        <source>{value1}, but {value2}</source>
        <translation>{value1}, aber {value2}</translation>
    </message>
    <message>
        <source>{value1}: CVSS {cvss_score}</source>
        <translation>{value1}: CVSS {cvss_score}</translation>
    </message>
    <message>
        <source>{webhooks} receives messages again</source>
        <translation>{webhooks} erhält wieder Nachrichten</translation>
    </message>
    <message>
        <source>{webhooks}: nothing could be sent for a day</source>
        <translation>{webhooks}: Seit einem Tag konnte nichts gesendet werden</translation>
    </message>
    <message>
        <source>{whose} calls all versions affected but {value2}</source>
        <translation>{whose} bezeichnet alle Versionen als betroffen außer {value2}</translation>
    </message>
    <message>
        <source>{whose} calls no version affected</source>
        <translation>{whose} bezeichnet keine Version als betroffen</translation>
    </message>
    <message>
        <source>{whose} calls only versions {affected} affected</source>
        <translation>{whose} bezeichnet nur Versionen {affected} als betroffen</translation>
    </message>
    <message>
        <source>{whose} calls versions {affected} affected</source>
        <translation>{whose} bezeichnet Versionen {affected} als betroffen</translation>
    </message>
    <message>
        <source>{whose} calls versions {value2} not affected</source>
        <translation>{whose} bezeichnet Versionen {value2} als nicht betroffen</translation>
    </message>
    <message>
        <source>{whose} names only {named}</source>
        <translation>{whose} nennt nur {named}</translation>
    </message>
    <message>
        <source>“{given}” is not an address of the form https://host/prefix.</source>
        <translation>„{given}“ ist keine Adresse der Form https://host/prefix.</translation>
    </message>
</context>
<context>
    <name>progress</name>
    <message>
        <source>Asking the sources</source>
        <translation>Quellen werden abgefragt</translation>
    </message>
    <message>
        <source>Building the search index</source>
        <translation>Suchindex wird aufgebaut</translation>
    </message>
    <message>
        <source>Checking the bundle</source>
        <translation>Datenpaket wird geprüft</translation>
    </message>
    <message>
        <source>Computing the priorities</source>
        <translation>Prioritäten werden berechnet</translation>
    </message>
    <message>
        <source>Computing the statistics</source>
        <translation>Statistik wird berechnet</translation>
    </message>
    <message>
        <source>Downloading {0}</source>
        <translation>Lade {0}</translation>
    </message>
    <message>
        <source>Matching what is installed</source>
        <translation>Installierte Programme werden abgeglichen</translation>
    </message>
    <message>
        <source>Merging the records of all sources</source>
        <translation>Einträge aller Quellen werden zusammengeführt</translation>
    </message>
    <message>
        <source>Reading {0}</source>
        <translation>Lese {0}</translation>
    </message>
    <message>
        <source>Testing {0}</source>
        <translation>Teste {0}</translation>
    </message>
    <message>
        <source>Trying again.</source>
        <translation>Neuer Versuch läuft.</translation>
    </message>
    <message>
        <source>step {0} of {1}</source>
        <translation>Schritt {0} von {1}</translation>
    </message>
    <message>
        <source>{0} done</source>
        <translation>{0} erledigt</translation>
    </message>
    <message>
        <source>{0} left</source>
        <translation>noch {0}</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} von {1}</translation>
    </message>
    <message>
        <source>{0} per second</source>
        <translation>{0} pro Sekunde</translation>
    </message>
    <message>
        <source>{0} so far</source>
        <translation>bisher {0}</translation>
    </message>
</context>
<context>
    <name>remedy</name>
    <message>
        <source>Cancel download</source>
        <translation>Download abbrechen</translation>
    </message>
    <message>
        <source>Download images</source>
        <translation>Images herunterladen</translation>
    </message>
    <message>
        <source>Network settings</source>
        <translation>Netzwerkeinstellungen</translation>
    </message>
    <message>
        <source>Open Settings</source>
        <translation>Einstellungen öffnen</translation>
    </message>
    <message>
        <source>Open data folder</source>
        <translation>Datenordner öffnen</translation>
    </message>
    <message>
        <source>Open schedule</source>
        <translation>Zeitplan öffnen</translation>
    </message>
    <message>
        <source>Restart</source>
        <translation>Neu starten</translation>
    </message>
    <message>
        <source>Resume schedule</source>
        <translation>Zeitplan fortsetzen</translation>
    </message>
    <message>
        <source>Settings of reports</source>
        <translation>Einstellungen der Berichte</translation>
    </message>
    <message>
        <source>Show log</source>
        <translation>Protokoll anzeigen</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Start Docker Desktop</source>
        <translation>Docker Desktop starten</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Update now</source>
        <translation>Jetzt aktualisieren</translation>
    </message>
    <message>
        <source>Use other ports</source>
        <translation>Andere Ports verwenden</translation>
    </message>
    <message>
        <source>Use the built-in database</source>
        <translation>Integrierte Datenbank verwenden</translation>
    </message>
    <message>
        <source>Webhook settings</source>
        <translation>Webhook-Einstellungen</translation>
    </message>
</context>
<context>
    <name>runs</name>
    <message>
        <source>{0} changed</source>
        <translation>{0} geändert</translation>
    </message>
    <message>
        <source>{0} could not be updated</source>
        <translation>Aktualisierung fehlgeschlagen: {0}</translation>
    </message>
    <message>
        <source>{0} new</source>
        <translation>{0} neu</translation>
    </message>
    <message>
        <source>{0} records read</source>
        <translation>{0} Einträge gelesen</translation>
    </message>
</context>
<context>
    <name>schedule</name>
    <message>
        <source>Calculating the next update…</source>
        <translation>Nächste Aktualisierung wird berechnet…</translation>
    </message>
    <message>
        <source>Every day at {0}</source>
        <translation>Täglich um {0}</translation>
    </message>
    <message>
        <source>Every hour</source>
        <translation>Stündlich</translation>
    </message>
    <message>
        <source>Every minute</source>
        <translation>Jede Minute</translation>
    </message>
    <message>
        <source>Every {0}</source>
        <translation>Jeden {0}</translation>
    </message>
    <message>
        <source>Every {0} hours</source>
        <translation>Alle {0} Stunden</translation>
    </message>
    <message>
        <source>Every {0} minutes</source>
        <translation>Alle {0} Minuten</translation>
    </message>
    <message>
        <source>More often than NVD asks for</source>
        <translation>Häufiger, als NVD es wünscht</translation>
    </message>
    <message>
        <source>NVD asks for two hours between updates and may refuse what comes sooner.</source>
        <translation>NVD bittet um zwei Stunden Abstand zwischen Aktualisierungen und kann frühere ablehnen.</translation>
    </message>
    <message>
        <source>Next update {0}</source>
        <translation>Nächste Aktualisierung {0}</translation>
    </message>
    <message>
        <source>The next update is due</source>
        <translation>Die nächste Aktualisierung ist fällig</translation>
    </message>
    <message>
        <source>You can save it all the same.</source>
        <translation>Sie können es trotzdem speichern.</translation>
    </message>
    <message>
        <source>{0} at {1}</source>
        <translation>{0} um {1}</translation>
    </message>
    <message>
        <source>{0} to {1}</source>
        <translation>{0} bis {1}</translation>
    </message>
    <message>
        <source>{0}, on the hour</source>
        <translation>{0}, zur vollen Stunde</translation>
    </message>
    <message>
        <source>{0}, {1} min past the hour</source>
        <translation>{0}, {1} min nach der vollen Stunde</translation>
    </message>
</context>
<context>
    <name>services</name>
    <message>
        <source>All services are running</source>
        <translation>Alle Dienste laufen</translation>
    </message>
    <message>
        <source>All services are running, some with problems</source>
        <translation>Alle Dienste laufen, einige mit Problemen</translation>
    </message>
    <message>
        <source>All services are stopped</source>
        <translation>Alle Dienste sind beendet</translation>
    </message>
    <message>
        <source>Restarts in {0}</source>
        <translation>Neustart in {0}</translation>
    </message>
    <message>
        <source>Runs short jobs: matching, statistics, cleanup, tests</source>
        <translation>Führt kurze Aufträge aus: Abgleich, Statistik, Bereinigung, Tests</translation>
    </message>
    <message>
        <source>Serves this window and other programs</source>
        <translation>Versorgt dieses Fenster und andere Programme</translation>
    </message>
    <message>
        <source>Started by another program on {0}. Starts the scheduled jobs, each only once</source>
        <translation>Von einem anderen Programm auf {0} gestartet. Startet die geplanten Aufträge, jeden nur einmal</translation>
    </message>
    <message>
        <source>Started by another program; used, but never stopped</source>
        <translation>Von einem anderen Programm gestartet; wird verwendet, aber nie beendet</translation>
    </message>
    <message>
        <source>Starting: {0} of {1} services are running</source>
        <translation>Start läuft: {0} von {1} Diensten laufen</translation>
    </message>
    <message>
        <source>Starts the scheduled jobs</source>
        <translation>Startet die geplanten Aufträge</translation>
    </message>
    <message>
        <source>Stores the data and the job queue in files in the data folder</source>
        <translation>Speichert die Daten und die Auftragswarteschlange in Dateien im Datenordner</translation>
    </message>
    <message>
        <source>Stores the data and the job queue on your own servers</source>
        <translation>Speichert die Daten und die Auftragswarteschlange auf Ihren eigenen Servern</translation>
    </message>
    <message>
        <source>Stores the data and the job queue: PostgreSQL and Redis in Docker</source>
        <translation>Speichert die Daten und die Auftragswarteschlange: PostgreSQL und Redis in Docker</translation>
    </message>
    <message>
        <source>Updates the database from the sources</source>
        <translation>Aktualisiert die Datenbank aus den Quellen</translation>
    </message>
    <message>
        <source>Waiting for other services</source>
        <translation>Wartet auf andere Dienste</translation>
    </message>
    <message>
        <source>Worker started by another program on {0}. Queues: {1}</source>
        <translation>Worker, von einem anderen Programm auf {0} gestartet. Warteschlangen: {1}</translation>
    </message>
    <message>
        <source>{0} of {1} services are running</source>
        <translation>{0} von {1} Diensten laufen</translation>
    </message>
    <message>
        <source>{0} of {1} services failed</source>
        <translation>{0} von {1} Diensten fehlgeschlagen</translation>
    </message>
</context>
<context>
    <name>settings</name>
    <message>
        <source>About</source>
        <translation>Info</translation>
    </message>
    <message>
        <source>Access from other machines</source>
        <translation>Zugriff von anderen Rechnern</translation>
    </message>
    <message>
        <source>All that happened</source>
        <translation>Alles, was geschehen ist</translation>
    </message>
    <message>
        <source>All that is exploited</source>
        <translation>Alles, was ausgenutzt wird</translation>
    </message>
    <message>
        <source>Also administers</source>
        <translation>Verwaltet auch</translation>
    </message>
    <message>
        <source>Also decides</source>
        <translation>Entscheidet auch</translation>
    </message>
    <message>
        <source>Another program (JSON)</source>
        <translation>Anderes Programm (JSON)</translation>
    </message>
    <message>
        <source>Appearance and startup</source>
        <translation>Darstellung und Start</translation>
    </message>
    <message>
        <source>CISA KEV</source>
        <translation>CISA KEV</translation>
    </message>
    <message>
        <source>Checked {0}</source>
        <translation>Geprüft {0}</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Data up to {0}, {1} vulnerabilities</source>
        <translation>Daten bis {0}, {1} Schwachstellen</translation>
    </message>
    <message>
        <source>Database</source>
        <translation>Datenbank</translation>
    </message>
    <message>
        <source>Due soon</source>
        <translation>Bald fällig</translation>
    </message>
    <message>
        <source>EPSS</source>
        <translation>EPSS</translation>
    </message>
    <message>
        <source>EPSS rose</source>
        <translation>EPSS gestiegen</translation>
    </message>
    <message>
        <source>EUVD</source>
        <translation>EUVD</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>Alles</translation>
    </message>
    <message>
        <source>Exploited</source>
        <translation>Ausgenutzt</translation>
    </message>
    <message>
        <source>Fixed on a PC</source>
        <translation>Auf einem PC behoben</translation>
    </message>
    <message>
        <source>Found on a PC</source>
        <translation>Auf einem PC gefunden</translation>
    </message>
    <message>
        <source>How likely each vulnerability is to be exploited in the next 30 days, from FIRST.</source>
        <translation>Wie wahrscheinlich jede Schwachstelle in den nächsten 30 Tagen ausgenutzt wird, von FIRST.</translation>
    </message>
    <message>
        <source>Inbox</source>
        <translation>Eingang</translation>
    </message>
    <message>
        <source>Key in the file .env</source>
        <translation>Schlüssel in der Datei .env</translation>
    </message>
    <message>
        <source>Key saved</source>
        <translation>Schlüssel gespeichert</translation>
    </message>
    <message>
        <source>Key set by the environment</source>
        <translation>Schlüssel in der Umgebung festgelegt</translation>
    </message>
    <message>
        <source>Last sent {0}</source>
        <translation>Zuletzt gesendet {0}</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>MITRE CVE list</source>
        <translation>CVE-Liste von MITRE</translation>
    </message>
    <message>
        <source>Manual</source>
        <translation>Manuell</translation>
    </message>
    <message>
        <source>Microsoft Teams</source>
        <translation>Microsoft Teams</translation>
    </message>
    <message>
        <source>NVD</source>
        <translation>NVD</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netzwerk</translation>
    </message>
    <message>
        <source>New and critical</source>
        <translation>Neu und kritisch</translation>
    </message>
    <message>
        <source>No key: updates from NVD are slower</source>
        <translation>Kein Schlüssel: Aktualisierungen von NVD sind langsamer</translation>
    </message>
    <message>
        <source>No newer version (checked {0}).</source>
        <translation>Keine neuere Version (geprüft {0}).</translation>
    </message>
    <message>
        <source>No proxy</source>
        <translation>Kein Proxy</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keines</translation>
    </message>
    <message>
        <source>Nothing has been read yet</source>
        <translation>Noch nichts gelesen</translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation>Benachrichtigungen</translation>
    </message>
    <message>
        <source>OpenThreat Desktop is free software under the Apache License 2.0. It contains Qt and PySide6 (LGPL 3.0), Material Design Icons (Apache 2.0) and other free software.</source>
        <translation>OpenThreat Desktop ist freie Software unter der Apache-Lizenz 2.0. Es enthält Qt und PySide6 (LGPL 3.0), Material Design Icons (Apache 2.0) und weitere freie Software.</translation>
    </message>
    <message>
        <source>Privacy</source>
        <translation>Datenschutz</translation>
    </message>
    <message>
        <source>Reports</source>
        <translation>Berichte</translation>
    </message>
    <message>
        <source>STARTTLS</source>
        <translation>STARTTLS</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>Gespeichert</translation>
    </message>
    <message>
        <source>Saved. All services are restarting with the other database.</source>
        <translation>Gespeichert. Alle Dienste starten mit der anderen Datenbank neu.</translation>
    </message>
    <message>
        <source>Saved. The cleanup service is restarting.</source>
        <translation>Gespeichert. Der Bereinigungsdienst startet neu.</translation>
    </message>
    <message>
        <source>Saved. The update services are restarting.</source>
        <translation>Gespeichert. Die Aktualisierungsdienste starten neu.</translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation>Zeitplan</translation>
    </message>
    <message>
        <source>Scores, weaknesses and affected products with versions, from NIST (United States).</source>
        <translation>CVSS-Werte, Schwächen und betroffene Produkte mit Versionen, vom NIST (USA).</translation>
    </message>
    <message>
        <source>Sees everything</source>
        <translation>Sieht alles</translation>
    </message>
    <message>
        <source>Set by the variable {0}</source>
        <translation>Durch die Variable {0} gesetzt</translation>
    </message>
    <message>
        <source>Set in the file {0}</source>
        <translation>In der Datei {0} gesetzt</translation>
    </message>
    <message>
        <source>Slack</source>
        <translation>Slack</translation>
    </message>
    <message>
        <source>Sources</source>
        <translation>Quellen</translation>
    </message>
    <message>
        <source>Storage</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>TLS from the beginning</source>
        <translation>TLS von Anfang an</translation>
    </message>
    <message>
        <source>The European Union's records, and what ENISA knows to be exploited.</source>
        <translation>Die Einträge der Europäischen Union und was nach Kenntnis der ENISA ausgenutzt wird.</translation>
    </message>
    <message>
        <source>The last check for new versions failed. It is repeated automatically.</source>
        <translation>Die letzte Suche nach neuen Versionen ist fehlgeschlagen. Sie wird automatisch wiederholt.</translation>
    </message>
    <message>
        <source>The records as their publishers write them, with affected and fixed versions.</source>
        <translation>Die Einträge, wie ihre Herausgeber sie schreiben, mit betroffenen und fehlerbereinigten Versionen.</translation>
    </message>
    <message>
        <source>This build does not check for new versions.</source>
        <translation>Diese Ausgabe sucht nicht nach neuen Versionen.</translation>
    </message>
    <message>
        <source>This product uses data from the NVD API but is not endorsed or certified by the NVD. CVE records and names of weaknesses (CWE): The MITRE Corporation. Known exploited vulnerabilities: CISA. EPSS scores: FIRST.org. EUVD data: ENISA.</source>
        <translation>Dieses Produkt verwendet Daten der NVD-API, wird aber von der NVD weder unterstützt noch zertifiziert. CVE-Einträge und Namen der Schwächen (CWE): The MITRE Corporation. Bekannte ausgenutzte Schwachstellen: CISA. EPSS-Werte: FIRST.org. EUVD-Daten: ENISA.</translation>
    </message>
    <message>
        <source>Use system setting</source>
        <translation>Systemeinstellung verwenden</translation>
    </message>
    <message>
        <source>Version {0} is available.</source>
        <translation>Version {0} ist verfügbar.</translation>
    </message>
    <message>
        <source>Version {0}.</source>
        <translation>Version {0}.</translation>
    </message>
    <message>
        <source>Webhooks</source>
        <translation>Webhooks</translation>
    </message>
    <message>
        <source>What concerns the PC that sends</source>
        <translation>Was den PC betrifft, der sendet</translation>
    </message>
    <message>
        <source>What concerns you</source>
        <translation>Was Sie betrifft</translation>
    </message>
    <message>
        <source>What is installed or watched</source>
        <translation>Was installiert ist oder beobachtet wird</translation>
    </message>
    <message>
        <source>What is known to be exploited, and by when US agencies have to mend it.</source>
        <translation>Was bekanntermaßen ausgenutzt wird und bis wann US-Behörden es beheben müssen.</translation>
    </message>
    <message>
        <source>Without internet</source>
        <translation>Ohne Internet</translation>
    </message>
    <message>
        <source>{0} · {1} · last used {2} from {3}</source>
        <translation>{0} · {1} · zuletzt verwendet {2} von {3}</translation>
    </message>
    <message>
        <source>{0} · {1} · never used</source>
        <translation>{0} · {1} · nie verwendet</translation>
    </message>
</context>
<context>
    <name>stack</name>
    <message>
        <source>Built-in database</source>
        <translation>Integrierte Datenbank</translation>
    </message>
    <message>
        <source>Docker</source>
        <translation>Docker</translation>
    </message>
    <message>
        <source>PostgreSQL and Redis in containers that OpenThreat starts and stops. Requires Docker.</source>
        <translation>PostgreSQL und Redis in Containern, die OpenThreat startet und beendet. Benötigt Docker.</translation>
    </message>
    <message>
        <source>PostgreSQL and Redis run by your team. Set DATABASE_URL and REDIS_URL in the environment or in the file .env in the data folder.</source>
        <translation>PostgreSQL und Redis, die Ihr Team betreibt. Setzen Sie DATABASE_URL und REDIS_URL in der Umgebung oder in der Datei .env im Datenordner.</translation>
    </message>
    <message>
        <source>Stores everything in files in the data folder. Needs no other software. Best for a single PC.</source>
        <translation>Speichert alles in Dateien im Datenordner. Benötigt keine weitere Software. Am besten für einen einzelnen PC.</translation>
    </message>
    <message>
        <source>Your own servers</source>
        <translation>Eigene Server</translation>
    </message>
    <message>
        <source>in Docker volumes</source>
        <translation>in Docker-Volumes</translation>
    </message>
    <message>
        <source>in {0}</source>
        <translation>in {0}</translation>
    </message>
    <message>
        <source>on your servers</source>
        <translation>auf Ihren Servern</translation>
    </message>
</context>
<context>
    <name>state</name>
    <message>
        <source>Another program</source>
        <translation>Anderes Programm</translation>
    </message>
    <message>
        <source>Bundle</source>
        <translation>Datenpaket</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>Cancelling</source>
        <translation>Wird abgebrochen</translation>
    </message>
    <message>
        <source>Cleanup</source>
        <translation>Bereinigung</translation>
    </message>
    <message>
        <source>Completed</source>
        <translation>Abgeschlossen</translation>
    </message>
    <message>
        <source>Critical</source>
        <translation>Kritisch</translation>
    </message>
    <message>
        <source>Exploited</source>
        <translation>Ausgenutzt</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Fehlgeschlagen</translation>
    </message>
    <message>
        <source>Failing</source>
        <translation>Gestört</translation>
    </message>
    <message>
        <source>First start</source>
        <translation>Erster Start</translation>
    </message>
    <message>
        <source>High</source>
        <translation>Hoch</translation>
    </message>
    <message>
        <source>Information</source>
        <translation>Information</translation>
    </message>
    <message>
        <source>Last update failed</source>
        <translation>Zuletzt fehlgeschlagen</translation>
    </message>
    <message>
        <source>Low</source>
        <translation>Niedrig</translation>
    </message>
    <message>
        <source>Manual</source>
        <translation>Manuell</translation>
    </message>
    <message>
        <source>Manual update</source>
        <translation>Manuelle Aktualisierung</translation>
    </message>
    <message>
        <source>Matching</source>
        <translation>Abgleich</translation>
    </message>
    <message>
        <source>Medium</source>
        <translation>Mittel</translation>
    </message>
    <message>
        <source>No data yet</source>
        <translation>Noch keine Daten</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keiner</translation>
    </message>
    <message>
        <source>Not answering</source>
        <translation>Antwortet nicht</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>OK</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>Aus</translation>
    </message>
    <message>
        <source>Out of date</source>
        <translation>Veraltet</translation>
    </message>
    <message>
        <source>Partly completed</source>
        <translation>Teilweise abgeschlossen</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Problem</source>
        <translation>Problem</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Restarting</source>
        <translation>Startet neu</translation>
    </message>
    <message>
        <source>Retrying</source>
        <translation>Neuer Versuch</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Läuft</translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation>Zeitplan</translation>
    </message>
    <message>
        <source>Started elsewhere</source>
        <translation>Anderswo gestartet</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Startet</translation>
    </message>
    <message>
        <source>Statistics</source>
        <translation>Statistik</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Beendet</translation>
    </message>
    <message>
        <source>Stopping</source>
        <translation>Wird beendet</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>Test</translation>
    </message>
    <message>
        <source>Tries again</source>
        <translation>Versucht es erneut</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>Unbekannt</translation>
    </message>
    <message>
        <source>Up to date</source>
        <translation>Aktuell</translation>
    </message>
    <message>
        <source>Update</source>
        <translation>Aktualisierung</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>Wartet</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>Warnung</translation>
    </message>
    <message>
        <source>Webhooks</source>
        <translation>Webhooks</translation>
    </message>
</context>
<context>
    <name>suggestions</name>
    <message>
        <source>Changed since Monday</source>
        <translation>Seit Montag geändert</translation>
    </message>
    <message>
        <source>Critical, published last month</source>
        <translation>Kritisch, im letzten Monat veröffentlicht</translation>
    </message>
    <message>
        <source>Mine, due within two weeks</source>
        <translation>Meine, in zwei Wochen fällig</translation>
    </message>
    <message>
        <source>Newly exploited, in the last 7 days</source>
        <translation>Neu ausgenutzt, in den letzten 7 Tagen</translation>
    </message>
</context>
<context>
    <name>table</name>
    <message>
        <source>empty</source>
        <translation>leer</translation>
    </message>
</context>
<context>
    <name>tasks</name>
    <message>
        <source>An update is already running</source>
        <translation>Eine Aktualisierung läuft bereits</translation>
    </message>
    <message>
        <source>An update is waiting to start</source>
        <translation>Eine Aktualisierung wartet auf den Start</translation>
    </message>
    <message>
        <source>Cancelling the update…</source>
        <translation>Aktualisierung wird abgebrochen…</translation>
    </message>
    <message>
        <source>Last update cancelled {0}</source>
        <translation>Letzte Aktualisierung {0} abgebrochen</translation>
    </message>
    <message>
        <source>Last update completed {0}</source>
        <translation>Letzte Aktualisierung {0} abgeschlossen</translation>
    </message>
    <message>
        <source>Last update failed {0}</source>
        <translation>Letzte Aktualisierung {0} fehlgeschlagen</translation>
    </message>
    <message>
        <source>Last update partly completed {0}</source>
        <translation>Letzte Aktualisierung {0} teilweise abgeschlossen</translation>
    </message>
    <message>
        <source>Last update {0}</source>
        <translation>Letzte Aktualisierung {0}</translation>
    </message>
    <message>
        <source>No update yet</source>
        <translation>Noch keine Aktualisierung</translation>
    </message>
    <message>
        <source>The newest of them is shown. Choose the task above to list each.</source>
        <translation>Der neueste davon wird angezeigt. Wählen Sie oben die Aufgabe, um alle aufzulisten.</translation>
    </message>
    <message>
        <source>The services are not ready yet</source>
        <translation>Die Dienste sind noch nicht bereit</translation>
    </message>
    <message>
        <source>This version does not support this task</source>
        <translation>Diese Version unterstützt diese Aufgabe nicht</translation>
    </message>
    <message>
        <source>Updating</source>
        <translation>Wird aktualisiert</translation>
    </message>
    <message>
        <source>Updating: {0}</source>
        <translation>Aktualisierung: {0}</translation>
    </message>
    <message>
        <source>Waiting for the services</source>
        <translation>Warten auf die Dienste</translation>
    </message>
    <message>
        <source>{0} records</source>
        <translation>{0} Einträgen</translation>
    </message>
</context>
<context>
    <name>this pc</name>
    <message numerus="yes">
        <source>%Ln installed update(s) of Windows</source>
        <translation>
            <numerusform>%Ln installiertes Windows-Update</numerusform>
            <numerusform>%Ln installierte Windows-Updates</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln part(s) of other programs</source>
        <translation>
            <numerusform>%Ln Bestandteil anderer Programme</numerusform>
            <numerusform>%Ln Bestandteile anderer Programme</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln program(s) (has|have) known vulnerabilities.</source>
        <translation>
            <numerusform>%Ln Programm hat bekannte Schwachstellen.</numerusform>
            <numerusform>%Ln Programme haben bekannte Schwachstellen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln program(s) (has|have) vulnerabilities that are being exploited.</source>
        <translation>
            <numerusform>%Ln Programm hat Schwachstellen, die ausgenutzt werden.</numerusform>
            <numerusform>%Ln Programme haben Schwachstellen, die ausgenutzt werden.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln program(s) (is|are) being matched.</source>
        <translation>
            <numerusform>%Ln Programm wird abgeglichen.</numerusform>
            <numerusform>%Ln Programme werden abgeglichen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln program(s) matched</source>
        <translation>
            <numerusform>%Ln Programm abgeglichen</numerusform>
            <numerusform>%Ln Programme abgeglichen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln that nobody has ever reported on</source>
        <translation>
            <numerusform>%Ln, zu dem nie etwas gemeldet wurde</numerusform>
            <numerusform>%Ln, zu denen nie etwas gemeldet wurde</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) of the product (is|are) known.</source>
        <translation>
            <numerusform>%Ln Schwachstelle des Produkts ist bekannt.</numerusform>
            <numerusform>%Ln Schwachstellen des Produkts sind bekannt.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln without known product</source>
        <translation>
            <numerusform>%Ln ohne bekanntes Produkt</numerusform>
            <numerusform>%Ln ohne bekanntes Produkt</numerusform>
        </translation>
    </message>
    <message>
        <source>A part without records of its own</source>
        <translation>Ein Bestandteil ohne eigene Einträge</translation>
    </message>
    <message>
        <source>Acknowledged</source>
        <translation>Zur Kenntnis genommen</translation>
    </message>
    <message>
        <source>Another publisher's product has this name</source>
        <translation>Das Produkt eines anderen Herausgebers heißt so</translation>
    </message>
    <message>
        <source>Being matched</source>
        <translation>Wird abgeglichen</translation>
    </message>
    <message>
        <source>Cannot tell</source>
        <translation>Unklar</translation>
    </message>
    <message>
        <source>Compare the version with the record, and ignore it if it does not apply.</source>
        <translation>Vergleichen Sie die Version mit dem Eintrag und ignorieren Sie ihn, wenn er nicht zutrifft.</translation>
    </message>
    <message>
        <source>Compared as {0}, by the name only: probably right.</source>
        <translation>Abgeglichen als {0}, nur nach dem Namen: wahrscheinlich richtig.</translation>
    </message>
    <message>
        <source>Compared as {0}, which you chose.</source>
        <translation>Abgeglichen als {0}, von Ihnen gewählt.</translation>
    </message>
    <message>
        <source>Compared as {0}.</source>
        <translation>Abgeglichen als {0}.</translation>
    </message>
    <message>
        <source>Exploited</source>
        <translation>Ausgenutzt</translation>
    </message>
    <message>
        <source>Fixed in</source>
        <translation>Behoben in</translation>
    </message>
    <message>
        <source>ID</source>
        <translation>ID</translation>
    </message>
    <message>
        <source>Ignored</source>
        <translation>Ignoriert</translation>
    </message>
    <message>
        <source>Ignored until {0}</source>
        <translation>Ignoriert bis {0}</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Importieren</translation>
    </message>
    <message>
        <source>Import a list of what is installed</source>
        <translation>Liste der installierten Programme importieren</translation>
    </message>
    <message>
        <source>Installed programs are collected on Windows only: the packages of other systems have corrections that their versions do not show. Drop a file here: CSV, JSON, .reg, winget's export, CycloneDX, SPDX, requirements.txt or package-lock.json.</source>
        <translation>Installierte Programme werden nur unter Windows erfasst: Die Pakete anderer Systeme enthalten Korrekturen, die ihre Versionen nicht zeigen. Legen Sie hier eine Datei ab: CSV, JSON, .reg, den Export von winget, CycloneDX, SPDX, requirements.txt oder package-lock.json.</translation>
    </message>
    <message>
        <source>It is tried again by itself.</source>
        <translation>Es wird von selbst erneut versucht.</translation>
    </message>
    <message>
        <source>It was made {0}. What was installed or updated since is not in it.</source>
        <translation>Sie entstand {0}. Was seitdem installiert oder aktualisiert wurde, fehlt darin.</translation>
    </message>
    <message>
        <source>Known</source>
        <translation>Bekannt</translation>
    </message>
    <message>
        <source>Known vulnerabilities affect the installed version.</source>
        <translation>Bekannte Schwachstellen betreffen die installierte Version.</translation>
    </message>
    <message>
        <source>Known vulnerabilities of the installed version</source>
        <translation>Bekannte Schwachstellen der installierten Version</translation>
    </message>
    <message>
        <source>Loading what is known of this PC…</source>
        <translation>Was über diesen PC bekannt ist, wird geladen…</translation>
    </message>
    <message>
        <source>Looking at this PC is switched off</source>
        <translation>Dieser PC wird nicht untersucht</translation>
    </message>
    <message>
        <source>Looking at what is installed…</source>
        <translation>Installierte Programme werden erfasst…</translation>
    </message>
    <message>
        <source>Never reported</source>
        <translation>Nie gemeldet</translation>
    </message>
    <message>
        <source>No known vulnerability affects the installed version.</source>
        <translation>Keine bekannte Schwachstelle betrifft die installierte Version.</translation>
    </message>
    <message>
        <source>No known vulnerability affects what is installed.</source>
        <translation>Keine bekannte Schwachstelle betrifft, was installiert ist.</translation>
    </message>
    <message>
        <source>No record names such a product</source>
        <translation>Kein Eintrag nennt ein solches Produkt</translation>
    </message>
    <message>
        <source>No record of any source names such a product.</source>
        <translation>Kein Eintrag irgendeiner Quelle nennt ein solches Produkt.</translation>
    </message>
    <message>
        <source>No source states a fixed version. The record may name a way around it.</source>
        <translation>Keine Quelle nennt eine fehlerbereinigte Version. Der Eintrag nennt vielleicht eine Abhilfe.</translation>
    </message>
    <message>
        <source>No source states a version without these vulnerabilities.</source>
        <translation>Keine Quelle nennt eine Version ohne diese Schwachstellen.</translation>
    </message>
    <message>
        <source>None is known to be exploited.</source>
        <translation>Keine wird bekanntermaßen ausgenutzt.</translation>
    </message>
    <message>
        <source>Nothing is left of the name</source>
        <translation>Vom Namen bleibt nichts übrig</translation>
    </message>
    <message>
        <source>Nothing known</source>
        <translation>Nichts bekannt</translation>
    </message>
    <message>
        <source>Open Settings</source>
        <translation>Einstellungen öffnen</translation>
    </message>
    <message>
        <source>Other programs</source>
        <translation>Andere Programme</translation>
    </message>
    <message>
        <source>Parts</source>
        <translation>Bestandteile</translation>
    </message>
    <message>
        <source>Parts of Windows and of other programs, which have no records of their own.</source>
        <translation>Bestandteile von Windows und anderen Programmen, die keine eigenen Einträge haben.</translation>
    </message>
    <message>
        <source>Product</source>
        <translation>Produkt</translation>
    </message>
    <message>
        <source>Product unknown</source>
        <translation>Produkt unbekannt</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>Programm</translation>
    </message>
    <message>
        <source>Programs with known vulnerabilities</source>
        <translation>Programme mit bekannten Schwachstellen</translation>
    </message>
    <message>
        <source>Publisher</source>
        <translation>Herausgeber</translation>
    </message>
    <message>
        <source>Scan now</source>
        <translation>Jetzt untersuchen</translation>
    </message>
    <message>
        <source>Settings can switch it on. A list from a file can be imported all the same.</source>
        <translation>Das lässt sich in den Einstellungen einschalten. Eine Liste aus einer Datei kann trotzdem importiert werden.</translation>
    </message>
    <message>
        <source>Several products have this name</source>
        <translation>Mehrere Produkte heißen so</translation>
    </message>
    <message>
        <source>Severity</source>
        <translation>Schwere</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>The first update is still loading the vulnerabilities.</source>
        <translation>Die erste Aktualisierung lädt noch die Schwachstellen.</translation>
    </message>
    <message>
        <source>The installed version has none of them.</source>
        <translation>Die installierte Version hat keine davon.</translation>
    </message>
    <message>
        <source>The lowest version without any vulnerability for which one is stated</source>
        <translation>Die niedrigste Version ohne die Schwachstellen, zu denen eine fehlerbereinigte Version genannt ist</translation>
    </message>
    <message>
        <source>The name does not say which product it is. You can choose the product.</source>
        <translation>Der Name sagt nicht, welches Produkt es ist. Sie können das Produkt wählen.</translation>
    </message>
    <message>
        <source>The programs appear here in a few seconds, their vulnerabilities as they are matched.</source>
        <translation>Die Programme erscheinen hier in wenigen Sekunden, ihre Schwachstellen nach und nach beim Abgleich.</translation>
    </message>
    <message>
        <source>The records call this version {0}.</source>
        <translation>Die Einträge nennen diese Version {0}.</translation>
    </message>
    <message>
        <source>They are compared with the records now.</source>
        <translation>Sie werden gerade mit den Einträgen abgeglichen.</translation>
    </message>
    <message>
        <source>This PC could not be scanned</source>
        <translation>Dieser PC konnte nicht untersucht werden</translation>
    </message>
    <message>
        <source>This list is old</source>
        <translation>Diese Liste ist alt</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Titel</translation>
    </message>
    <message>
        <source>Uncertain</source>
        <translation>Unklar</translation>
    </message>
    <message>
        <source>Update to</source>
        <translation>Aktualisieren auf</translation>
    </message>
    <message>
        <source>Update to {0} or later.</source>
        <translation>Aktualisieren Sie auf {0} oder neuer.</translation>
    </message>
    <message>
        <source>Update to {0}: that mends {1} of {2}.</source>
        <translation>Aktualisieren Sie auf {0}: Das behebt {1} von {2}.</translation>
    </message>
    <message numerus="yes">
        <source>Updating %Ln program(s) mends {0} of {1}.</source>
        <translation>
            <numerusform>Die Aktualisierung von %Ln Programm behebt {0} von {1}.</numerusform>
            <numerusform>Die Aktualisierung von %Ln Programmen behebt {0} von {1}.</numerusform>
        </translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Version</translation>
    </message>
    <message>
        <source>Vulnerabilities of the product are known; whether the installed version has them is not.</source>
        <translation>Schwachstellen des Produkts sind bekannt; ob die installierte Version sie hat, ist unklar.</translation>
    </message>
    <message>
        <source>Vulnerable</source>
        <translation>Verwundbar</translation>
    </message>
    <message>
        <source>Waiting for the services</source>
        <translation>Warten auf die Dienste</translation>
    </message>
    <message>
        <source>What is known of this PC could not be loaded</source>
        <translation>Was über diesen PC bekannt ist, konnte nicht geladen werden</translation>
    </message>
    <message>
        <source>What was installed or updated there since is not in this list.</source>
        <translation>Was seitdem dort installiert oder aktualisiert wurde, fehlt in dieser Liste.</translation>
    </message>
    <message>
        <source>Windows Update: build {0} mends {1} of {2}.</source>
        <translation>Windows Update: Build {0} behebt {1} von {2}.</translation>
    </message>
    <message>
        <source>You ignore all known vulnerabilities of the installed version.</source>
        <translation>Sie ignorieren alle bekannten Schwachstellen der installierten Version.</translation>
    </message>
    <message>
        <source>You ignore all known vulnerabilities of what is installed.</source>
        <translation>Sie ignorieren alle bekannten Schwachstellen der installierten Programme.</translation>
    </message>
    <message>
        <source>You said that it is none of the known products</source>
        <translation>Laut Ihrer Angabe keines der bekannten Produkte</translation>
    </message>
    <message>
        <source>{0} (not seen since {1})</source>
        <translation>{0} (zuletzt gesehen {1})</translation>
    </message>
    <message>
        <source>{0} (this PC)</source>
        <translation>{0} (dieser PC)</translation>
    </message>
    <message>
        <source>{0} acknowledged by {1}</source>
        <translation>{0} zur Kenntnis genommen von {1}</translation>
    </message>
    <message>
        <source>{0} has not been seen since {1}</source>
        <translation>{0} wurde seit {1} nicht gesehen</translation>
    </message>
    <message>
        <source>{0} ignored by {1}</source>
        <translation>{0} ignoriert von {1}</translation>
    </message>
    <message>
        <source>{0} more cannot be determined.</source>
        <translation>Nicht bestimmbar: {0} weitere.</translation>
    </message>
    <message>
        <source>{0} opened again by {1}</source>
        <translation>{0} wieder geöffnet von {1}</translation>
    </message>
    <message>
        <source>{0} resolved by {1}</source>
        <translation>{0} behoben von {1}</translation>
    </message>
</context>
<context>
    <name>tray</name>
    <message numerus="yes">
        <source>%Ln exploited for you</source>
        <translation>
            <numerusform>%Ln ausgenutzte betrifft Sie</numerusform>
            <numerusform>%Ln ausgenutzte betreffen Sie</numerusform>
        </translation>
    </message>
    <message>
        <source>All is well</source>
        <translation>Alles in Ordnung</translation>
    </message>
    <message>
        <source>Automatic updates are off</source>
        <translation>Automatische Aktualisierungen sind ausgeschaltet</translation>
    </message>
    <message>
        <source>Last update cancelled {0}</source>
        <translation>Letzte Aktualisierung {0} abgebrochen</translation>
    </message>
    <message>
        <source>Last update failed {0}</source>
        <translation>Letzte Aktualisierung {0} fehlgeschlagen</translation>
    </message>
    <message>
        <source>Last update {0}</source>
        <translation>Letzte Aktualisierung {0}</translation>
    </message>
    <message>
        <source>Next update {0}</source>
        <translation>Nächste Aktualisierung {0}</translation>
    </message>
    <message>
        <source>OpenThreat: {0}</source>
        <translation>OpenThreat: {0}</translation>
    </message>
    <message>
        <source>Schedule: {0}</source>
        <translation>Zeitplan: {0}</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Startet…</translation>
    </message>
    <message>
        <source>Updating: {0}</source>
        <translation>Aktualisierung: {0}</translation>
    </message>
    <message>
        <source>Updating…</source>
        <translation>Wird aktualisiert…</translation>
    </message>
</context>
<context>
    <name>vulnerabilities</name>
    <message numerus="yes">
        <source>%Ln matching vulnerabilit(y|ies)</source>
        <translation>
            <numerusform>%Ln passende Schwachstelle</numerusform>
            <numerusform>%Ln passende Schwachstellen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln of {0} pasted IDs found</source>
        <translation>
            <numerusform>%Ln von {0} eingefügten IDs gefunden</numerusform>
            <numerusform>%Ln von {0} eingefügten IDs gefunden</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln of {0} vulnerabilities match</source>
        <translation>
            <numerusform>%Ln von {0} Schwachstellen passt</numerusform>
            <numerusform>%Ln von {0} Schwachstellen passen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies)</source>
        <translation>
            <numerusform>%Ln Schwachstelle</numerusform>
            <numerusform>%Ln Schwachstellen</numerusform>
        </translation>
    </message>
    <message>
        <source>Acknowledged</source>
        <translation>Zur Kenntnis genommen</translation>
    </message>
    <message>
        <source>CISA listed</source>
        <translation>CISA-Liste</translation>
    </message>
    <message>
        <source>CVSS {0} or higher</source>
        <translation>CVSS ab {0}</translation>
    </message>
    <message>
        <source>Changed on or after {0}</source>
        <translation>Geändert ab {0}</translation>
    </message>
    <message>
        <source>Clear all filters</source>
        <translation>Alle Filter löschen</translation>
    </message>
    <message>
        <source>Disputed</source>
        <translation>Umstritten</translation>
    </message>
    <message>
        <source>Due</source>
        <translation>Fällig</translation>
    </message>
    <message>
        <source>Due before {0}</source>
        <translation>Fällig vor {0}</translation>
    </message>
    <message>
        <source>EPSS</source>
        <translation>EPSS</translation>
    </message>
    <message>
        <source>EPSS {0} or higher</source>
        <translation>EPSS ab {0}</translation>
    </message>
    <message>
        <source>Exploited</source>
        <translation>Ausgenutzt</translation>
    </message>
    <message>
        <source>Hidden</source>
        <translation>Ausgeblendet</translation>
    </message>
    <message>
        <source>Hosted service only</source>
        <translation>Nur gehosteter Dienst</translation>
    </message>
    <message>
        <source>ID</source>
        <translation>ID</translation>
    </message>
    <message>
        <source>Ignored</source>
        <translation>Ignoriert</translation>
    </message>
    <message>
        <source>It may be newer than the last update, or a filter leaves it out.</source>
        <translation>Vielleicht ist sie neuer als die letzte Aktualisierung, oder ein Filter schließt sie aus.</translation>
    </message>
    <message>
        <source>Listed by CISA before {0}</source>
        <translation>Von CISA gelistet vor {0}</translation>
    </message>
    <message>
        <source>Listed by CISA on or after {0}</source>
        <translation>Von CISA gelistet ab {0}</translation>
    </message>
    <message>
        <source>Listed too</source>
        <translation>Auch angezeigt</translation>
    </message>
    <message>
        <source>Loading the vulnerabilities…</source>
        <translation>Schwachstellen werden geladen…</translation>
    </message>
    <message>
        <source>Mine</source>
        <translation>Meine</translation>
    </message>
    <message>
        <source>Modified</source>
        <translation>Geändert</translation>
    </message>
    <message>
        <source>More than {0} matching vulnerabilities</source>
        <translation>Mehr als {0} passende Schwachstellen</translation>
    </message>
    <message>
        <source>NVD's status: {0}</source>
        <translation>NVD-Status: {0}</translation>
    </message>
    <message>
        <source>Newly exploited since {0}</source>
        <translation>Neu ausgenutzt seit {0}</translation>
    </message>
    <message>
        <source>No matching vulnerabilities</source>
        <translation>Keine passenden Schwachstellen</translation>
    </message>
    <message>
        <source>No vulnerabilities yet</source>
        <translation>Noch keine Schwachstellen</translation>
    </message>
    <message>
        <source>No vulnerability matches all filters.</source>
        <translation>Keine Schwachstelle passt zu allen Filtern.</translation>
    </message>
    <message>
        <source>Not exploited</source>
        <translation>Nicht ausgenutzt</translation>
    </message>
    <message>
        <source>Not in the database</source>
        <translation>Nicht in der Datenbank</translation>
    </message>
    <message>
        <source>Not used by ransomware</source>
        <translation>Nicht von Ransomware genutzt</translation>
    </message>
    <message>
        <source>Only these</source>
        <translation>Nur diese</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Offen</translation>
    </message>
    <message>
        <source>Priority</source>
        <translation>Priorität</translation>
    </message>
    <message>
        <source>Priority {0} or higher</source>
        <translation>Priorität ab {0}</translation>
    </message>
    <message>
        <source>Product no longer supported</source>
        <translation>Produkt nicht mehr unterstützt</translation>
    </message>
    <message>
        <source>Product: {0}</source>
        <translation>Produkt: {0}</translation>
    </message>
    <message>
        <source>Products</source>
        <translation>Produkte</translation>
    </message>
    <message>
        <source>Published</source>
        <translation>Veröffentlicht</translation>
    </message>
    <message>
        <source>Published before {0}</source>
        <translation>Veröffentlicht vor {0}</translation>
    </message>
    <message>
        <source>Published on or after {0}</source>
        <translation>Veröffentlicht ab {0}</translation>
    </message>
    <message>
        <source>Rejected: {0}</source>
        <translation>Abgelehnt: {0}</translation>
    </message>
    <message>
        <source>Resolved</source>
        <translation>Behoben</translation>
    </message>
    <message>
        <source>Severity</source>
        <translation>Schwere</translation>
    </message>
    <message>
        <source>Severity: {0}</source>
        <translation>Schweregrad: {0}</translation>
    </message>
    <message>
        <source>Source: {0}</source>
        <translation>Quelle: {0}</translation>
    </message>
    <message>
        <source>Sources</source>
        <translation>Quellen</translation>
    </message>
    <message>
        <source>Tag: {0}</source>
        <translation>Schlagwort: {0}</translation>
    </message>
    <message>
        <source>Text: {0}</source>
        <translation>Text: {0}</translation>
    </message>
    <message>
        <source>The first update adds them.</source>
        <translation>Die erste Aktualisierung fügt sie hinzu.</translation>
    </message>
    <message>
        <source>The first update is running</source>
        <translation>Die erste Aktualisierung läuft</translation>
    </message>
    <message>
        <source>The vulnerabilities could not be loaded</source>
        <translation>Die Schwachstellen konnten nicht geladen werden</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Titel</translation>
    </message>
    <message>
        <source>Triage: {0}</source>
        <translation>Triage: {0}</translation>
    </message>
    <message>
        <source>Trying again every few seconds.</source>
        <translation>Neuer Versuch alle paar Sekunden.</translation>
    </message>
    <message>
        <source>Used by ransomware</source>
        <translation>Von Ransomware genutzt</translation>
    </message>
    <message>
        <source>Vendor: {0}</source>
        <translation>Hersteller: {0}</translation>
    </message>
    <message>
        <source>Vendors</source>
        <translation>Hersteller</translation>
    </message>
    <message>
        <source>Weakness: {0}</source>
        <translation>Schwäche: {0}</translation>
    </message>
    <message>
        <source>What is exploited appears here first, then the newest vulnerabilities.</source>
        <translation>Was ausgenutzt wird, erscheint hier zuerst, dann die neuesten Schwachstellen.</translation>
    </message>
    <message>
        <source>n/a</source>
        <translation>k. A.</translation>
    </message>
    <message>
        <source>{0} v2</source>
        <translation>{0} v2</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}: {1}</translation>
    </message>
    <message>
        <source>“{0}”: {1}</source>
        <translation>„{0}“: {1}</translation>
    </message>
</context>
<context>
    <name>vulnerability</name>
    <message>
        <source>Acknowledged</source>
        <translation>Zur Kenntnis genommen</translation>
    </message>
    <message>
        <source>Added to CISA's known exploited vulnerabilities</source>
        <translation>In die CISA-Liste ausgenutzter Schwachstellen aufgenommen</translation>
    </message>
    <message>
        <source>Added to the EU's known exploited vulnerabilities</source>
        <translation>In die EU-Liste ausgenutzter Schwachstellen aufgenommen</translation>
    </message>
    <message>
        <source>Advisory</source>
        <translation>Sicherheitshinweis</translation>
    </message>
    <message>
        <source>Affected</source>
        <translation>Betroffen</translation>
    </message>
    <message>
        <source>Affected products</source>
        <translation>Betroffene Produkte</translation>
    </message>
    <message>
        <source>Also known as</source>
        <translation>Auch bekannt als</translation>
    </message>
    <message>
        <source>CISA (SSVC assessment)</source>
        <translation>CISA (SSVC-Bewertung)</translation>
    </message>
    <message>
        <source>CISA (known exploited vulnerabilities)</source>
        <translation>CISA (bekannte ausgenutzte Schwachstellen)</translation>
    </message>
    <message>
        <source>CISA notes</source>
        <translation>CISA-Hinweise</translation>
    </message>
    <message>
        <source>CVSS score</source>
        <translation>CVSS-Wert</translation>
    </message>
    <message>
        <source>CVSS scores</source>
        <translation>CVSS-Werte</translation>
    </message>
    <message>
        <source>CVSS vector</source>
        <translation>CVSS-Vektor</translation>
    </message>
    <message>
        <source>CVSS version</source>
        <translation>CVSS-Version</translation>
    </message>
    <message>
        <source>CVSS {0}</source>
        <translation>CVSS {0}</translation>
    </message>
    <message>
        <source>Cannot tell</source>
        <translation>Unklar</translation>
    </message>
    <message>
        <source>Description</source>
        <translation>Beschreibung</translation>
    </message>
    <message>
        <source>Disputed</source>
        <translation>Umstritten</translation>
    </message>
    <message>
        <source>Due</source>
        <translation>Fällig</translation>
    </message>
    <message>
        <source>Due date set by CISA</source>
        <translation>Von der CISA gesetzte Frist</translation>
    </message>
    <message>
        <source>EPSS</source>
        <translation>EPSS</translation>
    </message>
    <message>
        <source>EU (known exploited vulnerabilities)</source>
        <translation>EU (bekannte ausgenutzte Schwachstellen)</translation>
    </message>
    <message>
        <source>EUVD</source>
        <translation>EUVD</translation>
    </message>
    <message>
        <source>Exploit</source>
        <translation>Exploit</translation>
    </message>
    <message>
        <source>Exploitation</source>
        <translation>Ausnutzung</translation>
    </message>
    <message>
        <source>Exploitation (SSVC)</source>
        <translation>Ausnutzung (SSVC)</translation>
    </message>
    <message>
        <source>Exploited</source>
        <translation>Ausgenutzt</translation>
    </message>
    <message>
        <source>Exploited (EU)</source>
        <translation>Ausgenutzt (EU)</translation>
    </message>
    <message>
        <source>FIRST has no scores of it.</source>
        <translation>FIRST hat dazu keine Werte.</translation>
    </message>
    <message>
        <source>First seen</source>
        <translation>Zuerst gesehen</translation>
    </message>
    <message>
        <source>First seen by this program</source>
        <translation>Zuerst von diesem Programm gesehen</translation>
    </message>
    <message>
        <source>Fixed in</source>
        <translation>Behoben in</translation>
    </message>
    <message>
        <source>From {0} to {1} within {2} days</source>
        <translation>Von {0} auf {1} in {2} Tagen</translation>
    </message>
    <message>
        <source>High</source>
        <translation>Hoch</translation>
    </message>
    <message>
        <source>Highest</source>
        <translation>Höchste</translation>
    </message>
    <message>
        <source>Hosted service</source>
        <translation>Gehosteter Dienst</translation>
    </message>
    <message>
        <source>Ignored</source>
        <translation>Ignoriert</translation>
    </message>
    <message>
        <source>Listed by CISA</source>
        <translation>Von CISA gelistet</translation>
    </message>
    <message>
        <source>Listed by the EU</source>
        <translation>Von der EU gelistet</translation>
    </message>
    <message>
        <source>Low</source>
        <translation>Niedrig</translation>
    </message>
    <message>
        <source>Marked as</source>
        <translation>Gekennzeichnet als</translation>
    </message>
    <message>
        <source>Medium</source>
        <translation>Mittel</translation>
    </message>
    <message>
        <source>Mitigation</source>
        <translation>Gegenmaßnahme</translation>
    </message>
    <message>
        <source>Modified</source>
        <translation>Geändert</translation>
    </message>
    <message>
        <source>NVD's analysis</source>
        <translation>Analyse von NVD</translation>
    </message>
    <message>
        <source>Names: CWE {0} of {1}</source>
        <translation>Namen: CWE {0} vom {1}</translation>
    </message>
    <message>
        <source>On this PC</source>
        <translation>Auf diesem PC</translation>
    </message>
    <message>
        <source>On your PCs</source>
        <translation>Auf Ihren PCs</translation>
    </message>
    <message>
        <source>Other</source>
        <translation>Sonstiges</translation>
    </message>
    <message>
        <source>Other spellings</source>
        <translation>Andere Schreibweisen</translation>
    </message>
    <message>
        <source>Patch</source>
        <translation>Patch</translation>
    </message>
    <message>
        <source>Priority</source>
        <translation>Priorität</translation>
    </message>
    <message>
        <source>Products</source>
        <translation>Produkte</translation>
    </message>
    <message>
        <source>Published</source>
        <translation>Veröffentlicht</translation>
    </message>
    <message>
        <source>Ransomware</source>
        <translation>Ransomware</translation>
    </message>
    <message>
        <source>References</source>
        <translation>Verweise</translation>
    </message>
    <message>
        <source>Rejected</source>
        <translation>Abgelehnt</translation>
    </message>
    <message>
        <source>Release notes</source>
        <translation>Versionshinweise</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Required action</source>
        <translation>Geforderte Maßnahme</translation>
    </message>
    <message>
        <source>Severity</source>
        <translation>Schweregrad</translation>
    </message>
    <message>
        <source>Source: {0}</source>
        <translation>Quelle: {0}</translation>
    </message>
    <message>
        <source>Sources</source>
        <translation>Quellen</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Titel</translation>
    </message>
    <message>
        <source>Unsupported</source>
        <translation>Nicht mehr unterstützt</translation>
    </message>
    <message>
        <source>Vendors</source>
        <translation>Hersteller</translation>
    </message>
    <message>
        <source>Very high</source>
        <translation>Sehr hoch</translation>
    </message>
    <message>
        <source>Weaknesses</source>
        <translation>Schwächen</translation>
    </message>
    <message>
        <source>all versions</source>
        <translation>alle Versionen</translation>
    </message>
    <message>
        <source>an exploit is public</source>
        <translation>ein Exploit ist öffentlich</translation>
    </message>
    <message>
        <source>and {0} more</source>
        <translation>und {0} weitere</translation>
    </message>
    <message>
        <source>and {0} more: see the affected versions</source>
        <translation>und {0} weitere: siehe die betroffenen Versionen</translation>
    </message>
    <message>
        <source>exploited</source>
        <translation>ausgenutzt</translation>
    </message>
    <message>
        <source>higher than {0} of all</source>
        <translation>höher als bei {0} aller Schwachstellen</translation>
    </message>
    <message>
        <source>known use in campaigns</source>
        <translation>bekannter Einsatz in Kampagnen</translation>
    </message>
    <message>
        <source>no</source>
        <translation>nein</translation>
    </message>
    <message>
        <source>no known exploitation</source>
        <translation>keine bekannte Ausnutzung</translation>
    </message>
    <message>
        <source>no known use in campaigns</source>
        <translation>kein bekannter Einsatz in Kampagnen</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>ja</translation>
    </message>
    <message>
        <source>{0} (CVSS v2)</source>
        <translation>{0} (CVSS v2)</translation>
    </message>
    <message>
        <source>{0} (not affected)</source>
        <translation>{0} (nicht betroffen)</translation>
    </message>
    <message>
        <source>{0} ({1})</source>
        <translation>{0} ({1})</translation>
    </message>
    <message>
        <source>{0} Note: {1}</source>
        <translation>{0} Notiz: {1}</translation>
    </message>
    <message>
        <source>{0} added: {1}</source>
        <translation>{0} hinzugefügt: {1}</translation>
    </message>
    <message>
        <source>{0} and {1} more</source>
        <translation>{0} und {1} weitere</translation>
    </message>
    <message>
        <source>{0} by {1}</source>
        <translation>{0} laut {1}</translation>
    </message>
    <message>
        <source>{0} for {1}</source>
        <translation>{0} für {1}</translation>
    </message>
    <message>
        <source>{0} likely to be exploited within 30 days</source>
        <translation>{0} Wahrscheinlichkeit einer Ausnutzung binnen 30 Tagen</translation>
    </message>
    <message>
        <source>{0} on {1}</source>
        <translation>{0} ({1})</translation>
    </message>
    <message>
        <source>{0} removed: {1}</source>
        <translation>{0} entfernt: {1}</translation>
    </message>
    <message>
        <source>{0} removed: {1}; added: {2}</source>
        <translation>{0} entfernt: {1}; hinzugefügt: {2}</translation>
    </message>
    <message>
        <source>{0} → update to {1}</source>
        <translation>{0} → aktualisieren auf {1}</translation>
    </message>
    <message>
        <source>{0}, only for: {1}</source>
        <translation>{0}, nur für: {1}</translation>
    </message>
    <message>
        <source>{0}, {1}</source>
        <translation>{0}, {1}</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}: {1}</translation>
    </message>
    <message>
        <source>{0}: {1} of 100</source>
        <translation>{0}: {1} von 100</translation>
    </message>
    <message>
        <source>{0}: {1} since {2}</source>
        <translation>{0}: {1} seit {2}</translation>
    </message>
    <message>
        <source>{0}: {1} → {2}</source>
        <translation>{0}: {1} → {2}</translation>
    </message>
</context>
<context>
    <name>watchlist</name>
    <message numerus="yes">
        <source>%Ln entr(y|ies) (is|are) watched.</source>
        <translation>
            <numerusform>%Ln Eintrag wird beobachtet.</numerusform>
            <numerusform>%Ln Einträge werden beobachtet.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln of them matches nothing.</source>
        <translation>
            <numerusform>%Ln davon trifft auf nichts zu.</numerusform>
            <numerusform>%Ln davon treffen auf nichts zu.</numerusform>
        </translation>
    </message>
    <message>
        <source>Critical</source>
        <translation>Kritisch</translation>
    </message>
    <message>
        <source>Exploited</source>
        <translation>Ausgenutzt</translation>
    </message>
    <message>
        <source>In the last 30 days</source>
        <translation>In den letzten 30 Tagen</translation>
    </message>
    <message>
        <source>In the last 30 days it would have shown {0} newly exploited and {1} critical.</source>
        <translation>In den letzten 30 Tagen wären {0} neu ausgenutzte und {1} kritische angezeigt worden.</translation>
    </message>
    <message>
        <source>Last changed by {0}, {1}</source>
        <translation>Zuletzt geändert von {0}, {1}</translation>
    </message>
    <message>
        <source>No known vulnerability affects this version.</source>
        <translation>Keine bekannte Schwachstelle betrifft diese Version.</translation>
    </message>
    <message>
        <source>No record names this. Nothing would ever be shown until one does.</source>
        <translation>Kein Eintrag nennt das. Bis einer es tut, würde nie etwas angezeigt.</translation>
    </message>
    <message>
        <source>No record names this. The nearest names are below.</source>
        <translation>Kein Eintrag nennt das. Die ähnlichsten Namen stehen unten.</translation>
    </message>
    <message>
        <source>No vulnerability in the records matches this search.</source>
        <translation>Keine Schwachstelle in den Einträgen passt zu dieser Suche.</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>Nothing is watched. What is installed on this PC concerns you anyway.</source>
        <translation>Nichts wird beobachtet. Was auf diesem PC installiert ist, betrifft Sie ohnehin.</translation>
    </message>
    <message>
        <source>Product</source>
        <translation>Produkt</translation>
    </message>
    <message>
        <source>Vendor</source>
        <translation>Hersteller</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Version</translation>
    </message>
    <message>
        <source>Vulnerabilities</source>
        <translation>Schwachstellen</translation>
    </message>
    <message>
        <source>all</source>
        <translation>alle</translation>
    </message>
    <message>
        <source>search “{0}”</source>
        <translation>Suche „{0}“</translation>
    </message>
    <message>
        <source>{0} vulnerabilities.</source>
        <translation>Schwachstellen: {0}.</translation>
    </message>
</context>
<context>
    <name>window</name>
    <message>
        <source>What you see is as of {0}.</source>
        <translation>Was Sie sehen, ist der Stand von {0}.</translation>
    </message>
</context>
<context>
    <name>words</name>
    <message>
        <source>in {0}</source>
        <translation>in {0}</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>gerade eben</translation>
    </message>
    <message>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
    <message>
        <source>today</source>
        <translation>heute</translation>
    </message>
    <message>
        <source>yesterday</source>
        <translation>gestern</translation>
    </message>
    <message>
        <source>{0} %</source>
        <translation>{0} %</translation>
    </message>
    <message>
        <source>{0} ago</source>
        <translation>vor {0}</translation>
    </message>
    <message>
        <source>{0} d</source>
        <translation>{0} d</translation>
    </message>
    <message>
        <source>{0} h</source>
        <translation>{0} h</translation>
    </message>
    <message>
        <source>{0} min</source>
        <translation>{0} min</translation>
    </message>
    <message>
        <source>{0} on {1}</source>
        <translation>{0} auf {1}</translation>
    </message>
    <message>
        <source>{0} s</source>
        <translation>{0} s</translation>
    </message>
    <message>
        <source>{0}, {1}</source>
        <translation>{0}, {1}</translation>
    </message>
</context>
</TS>
