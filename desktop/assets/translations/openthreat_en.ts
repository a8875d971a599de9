<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US">
<context>
    <name>AboutSection</name>
    <message>
        <source>A new version is never installed by itself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check for new versions once a day</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Data folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Database: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Licences</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Logs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open download page</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>AppearanceSection</name>
    <message>
        <source>&amp;Language</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start at sign-in, without a window</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Details</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>BundleSection</name>
    <message>
        <source>All files (*)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checking the file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Data of OpenThreat (*{0})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Load a file…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Load data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save a file…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save all data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save the data of all sources as one file, a bundle, and load it on a PC without internet. Data that are newer there stay.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved {0}, {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saving. This takes a minute or two.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file is being loaded. The progress is under Tasks.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file is loaded when the running update has ended.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Chips</name>
    <message>
        <source>Clear all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove filter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove filter: {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ColumnButton</name>
    <message>
        <source>Columns</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Columns. There is no room for: {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>Commands</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing fits.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Page, action, ID or words</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Please wait…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search or go to</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CronFields</name>
    <message>
        <source>Cron expression</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Minute, hour, day of the month, month, day of the week</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>DayFields</name>
    <message>
        <source>Every day</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>at</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>DaysChart</name>
    <message>
        <source>Nothing was published in this period</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vulnerabilities published in the last 30 days</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Deciding</name>
    <message numerus="yes">
        <source>%Ln event(s) marked as read</source>
        <translation>
            <numerusform>%Ln event marked as read</numerusform>
            <numerusform>%Ln events marked as read</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln event(s) marked as unread</source>
        <translation>
            <numerusform>%Ln event marked as unread</numerusform>
            <numerusform>%Ln events marked as unread</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) acknowledged</source>
        <translation>
            <numerusform>%Ln vulnerability acknowledged</numerusform>
            <numerusform>%Ln vulnerabilities acknowledged</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) ignored</source>
        <translation>
            <numerusform>%Ln vulnerability ignored</numerusform>
            <numerusform>%Ln vulnerabilities ignored</numerusform>
        </translation>
    </message>
    <message>
        <source>Note saved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only what is installed can be ignored or have a note. Mark it as read instead.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undone: {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>DecisionPanel</name>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ignore</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Ignore %Ln vulnerabilit(y|ies)</source>
        <translation>
            <numerusform>Ignore %Ln vulnerability</numerusform>
            <numerusform>Ignore %Ln vulnerabilities</numerusform>
        </translation>
    </message>
    <message>
        <source>Note</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Note on %Ln vulnerabilit(y|ies)</source>
        <translation>
            <numerusform>Note on %Ln vulnerability</numerusform>
            <numerusform>Note on %Ln vulnerabilities</numerusform>
        </translation>
    </message>
    <message>
        <source>Reason</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>DiagnosticsPage</name>
    <message numerus="yes">
        <source>%n problem(s)</source>
        <translation>
            <numerusform>%n problem</numerusform>
            <numerusform>%n problems</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n warning(s)</source>
        <translation>
            <numerusform>%n warning</numerusform>
            <numerusform>%n warnings</numerusform>
        </translation>
    </message>
    <message>
        <source>Check again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checking everything…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checks the settings, disk, database, services, sources and clock. This takes a few seconds.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Found: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No checks yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>No problems found: %n check(s)</source>
        <translation>
            <numerusform>No problems found: %n check</numerusform>
            <numerusform>No problems found: %n checks</numerusform>
        </translation>
    </message>
    <message>
        <source>Save report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save report…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The checks failed</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>DockerStatus</name>
    <message>
        <source>Check again</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Editor</name>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next five runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>EntryCard</name>
    <message>
        <source>Already running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Calculating…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Edit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Enabled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not scheduled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not supported by this version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reset to default</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} enabled</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>EventActions</name>
    <message>
        <source>Acknowledge</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ignore…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mark as read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mark as unread</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Note…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undo</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>EventList</name>
    <message>
        <source>Events</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ExportDone</name>
    <message>
        <source>Dismiss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ExportStrip</name>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelling…</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Exporter</name>
    <message>
        <source>Another export is running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CSV files (*.csv)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Exported %Ln vulnerabilit(y|ies) to {0}</source>
        <translation>
            <numerusform>Exported %Ln vulnerability to {0}</numerusform>
            <numerusform>Exported %Ln vulnerabilities to {0}</numerusform>
        </translation>
    </message>
    <message>
        <source>Exporting to {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>JSON files (*.json)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The export was cancelled. No file was written.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wait until it has finished, or cancel it.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Figures</name>
    <message>
        <source>By severity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exploited by month</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last 30 days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vendors with most</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>published</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>FilterBar</name>
    <message>
        <source>Exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Filters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show only exploited vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show only what is installed on a known PC or watched</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>FilterPanel</name>
    <message>
        <source> %</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add a product</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add a status</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add a vendor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Any</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Any date</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Changed on or after</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Due before</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Known exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Listed by CISA before</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Listed by CISA on or after</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Minimum CVSS score</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Minimum EPSS score</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Minimum priority</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NVD's status</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not known</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only what concerns me</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Product</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Published before</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Published on or after</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rejected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Severity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Source</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tags</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Triage</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Used by ransomware</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vendor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weakness</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Yes</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Finder</name>
    <message>
        <source>Find in this log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next (Enter)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No matches</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Previous (Shift+Enter)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} found</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>FindingDecisions</name>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) acknowledged.</source>
        <translation>
            <numerusform>%Ln vulnerability acknowledged.</numerusform>
            <numerusform>%Ln vulnerabilities acknowledged.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) ignored.</source>
        <translation>
            <numerusform>%Ln vulnerability ignored.</numerusform>
            <numerusform>%Ln vulnerabilities ignored.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) opened again.</source>
        <translation>
            <numerusform>%Ln vulnerability opened again.</numerusform>
            <numerusform>%Ln vulnerabilities opened again.</numerusform>
        </translation>
    </message>
    <message>
        <source>None of these is installed on a known PC, so there is nothing to decide.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Note saved on %Ln vulnerabilit(y|ies).</source>
        <translation>
            <numerusform>Note saved on %Ln vulnerability.</numerusform>
            <numerusform>Note saved on %Ln vulnerabilities.</numerusform>
        </translation>
    </message>
    <message>
        <source>Taken back.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>FindingTable</name>
    <message>
        <source>Vulnerabilities of the program</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>FirstStartPage</name>
    <message>
        <source>OpenThreat will wait until Docker is available.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The data are stored {0} and take about {1} GB.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The first update then starts by itself and downloads about {0} GB. What is being exploited is there within a minute, the newest years follow, and all is there after 10 to 30 minutes. Later updates are small.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Welcome to OpenThreat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where should OpenThreat store its data? You can change this later in Settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} (recommended)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>FoldedFigures</name>
    <message numerus="yes">
        <source>%Ln critical</source>
        <translation>
            <numerusform>%Ln critical</numerusform>
            <numerusform>%Ln critical</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln known exploited</source>
        <translation>
            <numerusform>%Ln known exploited</numerusform>
            <numerusform>%Ln known exploited</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln new in 30 days</source>
        <translation>
            <numerusform>%Ln new in 30 days</numerusform>
            <numerusform>%Ln new in 30 days</numerusform>
        </translation>
    </message>
    <message>
        <source>Figures</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>FoldedText</name>
    <message>
        <source>Copy</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Footer</name>
    <message>
        <source>Update now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updating…</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ForeignCard</name>
    <message>
        <source>Running: {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>GroupBar</name>
    <message>
        <source>Groups of programs</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>History</name>
    <message>
        <source>Loading the history…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No matching runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No runs yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scheduled and manual runs are listed here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show all runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The history could not be loaded</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>HourFields</name>
    <message>
        <source>Every few hours</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hours between runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Minutes past the hour</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>hours, at minute</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>IgnoreForm</name>
    <message>
        <source>&amp;Reason</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For example: not reachable from the network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ignore</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Un&amp;til</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>IgnoreUntil</name>
    <message>
        <source>Ignore until</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>for 1 year</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>for 30 days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>for 7 days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>for 90 days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>until I change it</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Importer</name>
    <message numerus="yes">
        <source>%Ln skipped.</source>
        <translation>
            <numerusform>%Ln skipped.</numerusform>
            <numerusform>%Ln skipped.</numerusform>
        </translation>
    </message>
    <message>
        <source>Import a list of installed programs</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>{0}: %Ln program(s) imported.</source>
        <translation>
            <numerusform>{0}: %Ln program imported.</numerusform>
            <numerusform>{0}: %Ln programs imported.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>InboxPage</name>
    <message>
        <source>Mark all as read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Report</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>InboxSection</name>
    <message>
        <source> days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A vulnerability becomes known as exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A vulnerability is new and critical</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An event is written when:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CISA's due date is as near as</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Days before CISA's due date</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EPSS estimates how likely a vulnerability is to be exploited in the next 30 days.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EPSS score that is an event when it is reached</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rise of the EPSS score in a day that is an event</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The EPSS score reaches</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The EPSS score rises in a day by</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>LastRun</name>
    <message>
        <source>Never</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}: show run</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ListView</name>
    <message>
        <source>Vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>LogText</name>
    <message>
        <source>Log</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>LogsPage</name>
    <message numerus="yes">
        <source>%n error(s)</source>
        <translation>
            <numerusform>%n error</numerusform>
            <numerusform>%n errors</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n new line(s)</source>
        <translation>
            <numerusform>%n new line</numerusform>
            <numerusform>%n new lines</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n warning(s)</source>
        <translation>
            <numerusform>%n warning</numerusform>
            <numerusform>%n warnings</numerusform>
        </translation>
    </message>
    <message>
        <source>All levels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Errors only</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Follow</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Information and above</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Level</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lines appear here as soon as this service writes them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No errors or warnings in the last {0} lines</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No lines at this level</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing logged yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OpenThreat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This log could not be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Warnings and above</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} in the last {1} lines</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MachineCard</name>
    <message>
        <source>CPUs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Data folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Disk</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OpenThreat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Python and Qt</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>System</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This PC</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time zone</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} (from source)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} (installed)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} of {1} free</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MachineChoice</name>
    <message>
        <source>Machine</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MailForm</name>
    <message>
        <source>&amp;Encryption</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;From</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;To, separated by commas</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;User (if required)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Enter at least one recipient.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Enter the name of the mail server, such as mail.example.org.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mail &amp;server (SMTP)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mail each report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No keyring is available. The password is saved in a file that only you can read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>P&amp;ort</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pass&amp;word</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove password</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send a test mail</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sending…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sent. Look whether it arrived.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{0}” is not a mail address.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Go to…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search or go to ({0})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This desktop has no system tray. Closing this window quits OpenThreat and stops its updates.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MinuteFields</name>
    <message>
        <source>Every few minutes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Minutes between runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>minutes</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MonthsChart</name>
    <message>
        <source>Vulnerabilities that CISA listed as exploited, by month</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>NameForm</name>
    <message>
        <source>Another search has this name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name of the search</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>NamesField</name>
    <message>
        <source>Remove</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Navigation</name>
    <message>
        <source>Ctrl+{0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pages</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>NetworkSection</name>
    <message>
        <source>&amp;Proxy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Certificates (*.pem *.crt *.cer *.der);;All files (*)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose certificate file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose certificate file…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Connections are trusted as the system trusts them. Where a company inspects connections and the system does not know its certificate, choose it here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Do not trust the certificate file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Proxy scripts (PAC) are not supported. If the system uses one, choose Manual and enter the address.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set by the environment variable {0}. Change it there.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>NotificationsPage</name>
    <message numerus="yes">
        <source>%Ln notification(s)</source>
        <translation>
            <numerusform>%Ln notification</numerusform>
            <numerusform>%Ln notifications</numerusform>
        </translation>
    </message>
    <message>
        <source>No notifications yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing was notified yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What becomes known about the programs here, and what goes wrong, is shown on the screen and listed here.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>NotificationsSection</name>
    <message>
        <source>A service fails</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An update is completed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An update or another run fails or recovers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>End of quiet hours</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>If nothing appeared: allow notifications of OpenThreat in the system, and turn off Do not disturb.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Notifications of OpenThreat look like this.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quiet hours (no notifications)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show a test notification</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Something new concerns this PC or the watchlist</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start of quiet hours</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This is a test notification</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>to</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>NvdKey</name>
    <message>
        <source>Checking the key with NVD…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Get a free key…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Key removed. The update service is restarting.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NVD API &amp;key</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NVD API key</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No keyring is available. Saved in a file that only you can read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paste a key</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved in the system's keyring. The update service is restarting.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set by the environment variable NVD_API_KEY. Change it there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Test</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The key is in the file .env in the data folder. A key saved here takes precedence.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PassedCard</name>
    <message>
        <source>Passed checks</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PauseMenu</name>
    <message>
        <source>For 1 hour</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Until resumed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Until tomorrow morning</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PcsPage</name>
    <message>
        <source>By PC</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>By program</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find a program</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading the list of PCs…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No PC has sent its programs yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PCs that share this database are listed once they have sent what is installed on them.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PreviewPane</name>
    <message>
        <source>Looking it up…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show record</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use “{0}”</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PrivacySection</name>
    <message>
        <source>Look at what is installed on this PC</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On this system only lists from files can be shown; nothing is collected.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The list is stored in the database of this program. Nothing of it is sent unless you set that up.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ProductChoice</name>
    <message>
        <source>Another product:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>None of the known ones</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Product</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Type its beginning, for example firefox</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which product is “{0}”?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your choice holds for all its versions, and for all who share the database.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ProductDecisions</name>
    <message>
        <source>The choice was taken back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{0}” is none of the known products.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{0}” is {1} {2}.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ProgramFacts</name>
    <message>
        <source>Copy command</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not this product…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Say which product…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The command is copied, not run.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The id comes from the imported list of winget.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The id is the one by which winget knows a program of this name.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ProgramPane</name>
    <message numerus="yes">
        <source>%Ln selected</source>
        <translation>
            <numerusform>%Ln selected</numerusform>
            <numerusform>%Ln selected</numerusform>
        </translation>
    </message>
    <message>
        <source>Acknowledge</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ignore…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show record</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>and {0} more</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ProgramsPair</name>
    <message>
        <source>{0} more are not listed. Search for a part of the name.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ProgressStrip</name>
    <message>
        <source>Progress</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting to start</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ProxyForm</name>
    <message>
        <source>&amp;Address</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;User (if required)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No keyring is available. The password is saved in a file that only you can read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pass&amp;word</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove password</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>QueryBar</name>
    <message>
        <source>Since</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RecordHead</name>
    <message>
        <source>Copy ID</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy as JSON</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy as Markdown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy as text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy the record</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next record (Alt+Down)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open at {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open in a window of its own</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Previous record (Alt+Up)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RecordPane</name>
    <message>
        <source>Affected products</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Affected {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Date</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Details</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Event</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Links</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Links {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No affected products are listed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No links.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No vulnerability selected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing is known yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Product</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Select a vulnerability to see its details.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Source</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sources</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Type</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>URL</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Versions</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RecordTable</name>
    <message>
        <source>Copy</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RecordWindow</name>
    <message>
        <source>{0}: {1}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RecurrenceChooser</name>
    <message>
        <source>Frequency</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ReportMenu</name>
    <message>
        <source>Open in the browser</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Print…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save the report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The report was sent to the printer</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ReportsSection</name>
    <message>
        <source>&amp;About</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Form</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A report says what is new, exploited, fixed and overdue since the last one, and what to update. The schedule says when one is written; until you turn it on there, none is.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a folder for reports</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose folder…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open schedule</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use data folder</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RowActions</name>
    <message>
        <source>All results as CSV</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All results as JSON</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy ID</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy all results as Markdown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy all results as a table</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy as Markdown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy link</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open in browser</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Selected rows as CSV</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Selected rows as JSON</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RunDetail</name>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelling…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy ID</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Corrected or skipped records</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Duration</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Finished</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Process</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Queued</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Result</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Started</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Technical details</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Trigger</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RunFilterBar</name>
    <message>
        <source>All states</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All tasks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>State</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Task</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RunModel</name>
    <message>
        <source>Duration</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Process</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Started</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>State</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Task</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Trigger</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, {1} runs</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SavedNote</name>
    <message>
        <source>Open folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved as {0}. Passwords and keys were removed.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SavedSearchButton</name>
    <message>
        <source>Delete “{0}”</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rename “{0}”…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save and watch this search…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save changes to “{0}”</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save this search…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved searches</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Watch “{0}”</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SavedSearchKeeper</name>
    <message>
        <source>Taken back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{0}” is changed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{0}” is deleted.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{0}” is no longer watched.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{0}” is saved and watched.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{0}” is saved.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{0}” is watched.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SchedulePage</name>
    <message>
        <source>Loading the schedule…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting for the services</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ScheduleSection</name>
    <message>
        <source>Open schedule</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The schedule is active</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SearchField</name>
    <message>
        <source>Paste several IDs in any form to list these vulnerabilities.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search IDs, titles, descriptions, vendors and products</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ServiceCard</name>
    <message>
        <source>CPU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Process ID</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Restart</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Restarts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Running: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Uptime</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ServiceMenu</name>
    <message>
        <source>Restart</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ServicesPage</name>
    <message>
        <source>Start all</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Changes are saved immediately</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find a setting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No setting matches “{0}”</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show all settings</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SidePane</name>
    <message>
        <source>Close details (Esc)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SourceComparisonView</name>
    <message>
        <source>Field</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading what each source says…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What each source says</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>✓ counts. {0}: {1}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SourceTable</name>
    <message>
        <source>Sources</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SourcesSection</name>
    <message>
        <source>The data of a source stay when you turn it off, but are no longer updated.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Split</name>
    <message>
        <source>Show details below the list</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show details beside the list</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>StackSection</name>
    <message>
        <source>Set by the environment (OPENTHREAT_STACK, DATABASE_URL or REDIS_URL). Change it there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop the Docker containers when OpenThreat quits</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>StorageSection</name>
    <message>
        <source>Keep the history of &amp;runs for</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} on disk</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Summary</name>
    <message>
        <source>Description</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fixed in</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No description available.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No source states a fixed version.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not found in what is installed here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show all ({0} characters)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vector</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What this means</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SwitchConfirmation</name>
    <message>
        <source>All services restart. A running update continues when you switch back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Switch to: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The current data stay {0} and are used again when you switch back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The other database has its own data. If it is empty, the first update fills it.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TableCopier</name>
    <message numerus="yes">
        <source>Copied %Ln vulnerabilit(y|ies).</source>
        <translation>
            <numerusform>Copied %Ln vulnerability.</numerusform>
            <numerusform>Copied %Ln vulnerabilities.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TasksPage</name>
    <message>
        <source>Update now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updating…</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ThisPcPage</name>
    <message numerus="yes">
        <source>%Ln skipped</source>
        <translation>
            <numerusform>%Ln skipped</numerusform>
            <numerusform>%Ln skipped</numerusform>
        </translation>
    </message>
    <message>
        <source>As of {0}: {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>List of {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scan now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scanned {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scanning…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Skipped entries</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Tiles</name>
    <message>
        <source>Critical</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Known exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New in 30 days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rejected vulnerabilities are not counted.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TokensSection</name>
    <message>
        <source>A program on another machine needs a token to use the API of this PC. Where the API listens is set by OPENTHREAT_API_HOST in the file .env.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copied</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy it now: it is not stored and not shown again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Create a token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name of the token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Role</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The new token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Who uses it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{0}” has no access any more</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>It keeps the data up to date. Click the icon to open it again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OpenThreat is still running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OpenThreat: stopping…</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TrayMenu</name>
    <message numerus="yes">
        <source>%Ln exploited on this PC</source>
        <translation>
            <numerusform>%Ln exploited on this PC</numerusform>
            <numerusform>%Ln exploited on this PC</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln exploited, watched or on other PCs</source>
        <translation>
            <numerusform>%Ln exploited, watched or on other PCs</numerusform>
            <numerusform>%Ln exploited, watched or on other PCs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln new for you</source>
        <translation>
            <numerusform>%Ln new for you</numerusform>
            <numerusform>%Ln new for you</numerusform>
        </translation>
    </message>
    <message>
        <source>Cancel update</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open OpenThreat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start at sign-in</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Update now</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TrayPauseMenu</name>
    <message>
        <source>Pause schedule</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resume schedule</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TrendView</name>
    <message>
        <source>Ask FIRST for the last 30 days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Asking FIRST…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EPSS over time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sends the ID of this vulnerability to api.first.org</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TriageActions</name>
    <message>
        <source>Acknowledge</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ignore…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Note…</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>UndoBar</name>
    <message>
        <source>Ctrl+Z</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undo</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>UpdateCard</name>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelling…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Details</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Update</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>VendorBars</name>
    <message>
        <source>No vendors yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vendors with most vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>VulnerabilitiesPage</name>
    <message>
        <source>Export</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The list shows the last known data.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>WatchedEditor</name>
    <message>
        <source>&amp;Product</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Vendor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All products</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All versions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Entry</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For example mozilla</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name a vendor or a product; a version needs its product.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Product</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>V&amp;ersion</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vendor</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>WatchedTable</name>
    <message>
        <source>What is watched</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>WatchlistPage</name>
    <message>
        <source>Add the vendors and products that concern you but are not on this PC: servers, appliances.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Edit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Edit (F2)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is tried again by itself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading the watchlist…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing is watched yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove (Del)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Taken back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The watchlist could not be loaded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{0}” is no longer watched.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{0}” is watched.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>WebhookForm</name>
    <message>
        <source>A secret has at least {0} letters, digits and signs of ASCII.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Address</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An address begins with https:// or http:// and has no password.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose at least one kind of event.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give the webhook a name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Made for you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>None</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not needed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Secret for signatures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send to</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unchanged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unchanged ({0})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>WebhookRow</name>
    <message>
        <source>Edit {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Edit…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing sent yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sent by {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Test</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Test {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>WebhooksSection</name>
    <message>
        <source>Add a webhook…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Secret of the new webhook</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send what is new to Slack, Microsoft Teams or another program. Messages name the programs and PCs that are affected. Without a webhook, nothing is sent.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sending a test message…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The receiver accepted the test message.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The receiver checks signatures with this secret. It is not shown again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Webhook removed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} gets what happens from now on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} was changed</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>WeekFields</name>
    <message>
        <source>Every week</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>at</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>on</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>_Line</name>
    <message>
        <source>Show</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>_SourceModel</name>
    <message>
        <source>Added</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Changed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Skipped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Source</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>State</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unchanged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Withdrawn</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>_TokenRow</name>
    <message>
        <source>Revoke</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Revoke “{0}”</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>buttons</name>
    <message>
        <source>{0} ({1})</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>charts</name>
    <message numerus="yes">
        <source>%Ln newly exploited</source>
        <translation>
            <numerusform>%Ln newly exploited</numerusform>
            <numerusform>%Ln newly exploited</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln published</source>
        <translation>
            <numerusform>%Ln published</numerusform>
            <numerusform>%Ln published</numerusform>
        </translation>
    </message>
    <message>
        <source>&lt; {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vulnerabilities by severity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>commands</name>
    <message numerus="yes">
        <source>List %Ln pasted ID(s)</source>
        <translation>
            <numerusform>List %Ln pasted ID</numerusform>
            <numerusform>List %Ln pasted IDs</numerusform>
        </translation>
    </message>
    <message>
        <source>Open {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause schedule for 1 hour</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause schedule until resumed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause schedule until tomorrow morning</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quit OpenThreat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resume schedule</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved search: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scan this PC again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search vulnerabilities for “{0}”</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start all services</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Update now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>cvss</name>
    <message>
        <source>Active</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Adjacent network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Amber</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attack complexity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attack requirements</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attack vector</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attacks are known</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Authentication</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Automatable</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Availability impact</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Availability of other systems</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Availability of the vulnerable system</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Availability requirement</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>By the user</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Changed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Clear</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Collateral damage potential</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Complete</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Concentrated</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Confidentiality impact</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Confidentiality of other systems</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Confidentiality of the vulnerable system</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Confidentiality requirement</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Confirmed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Diffuse</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exploit maturity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Functional</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Green</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>High</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Integrity impact</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Integrity of other systems</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Integrity of the vulnerable system</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Integrity requirement</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Irrecoverable</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Local</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Low</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Low to medium</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Medium</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Medium to high</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moderate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Negligible</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>None</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>None reported</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Official fix</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Once</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Partial</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Passive</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Physical</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Present</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Privileges required</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Proof of concept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reasonable</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recovery</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Red</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remediation level</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Report confidence</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Required</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Response effort</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Safety</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Safety of people</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scope</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Several times</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Target distribution</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Temporary fix</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unavailable</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unchanged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unconfirmed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Uncorroborated</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unproven</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Urgency by the provider</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>User interaction</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Value density</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Workaround</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Yes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, in this environment</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>docker</name>
    <message>
        <source>Checking for Docker</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Docker is running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Docker {0} is running</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>exposure</name>
    <message>
        <source>Exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Worst</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} exploited</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>inbox</name>
    <message numerus="yes">
        <source>%Ln (is|are) being exploited</source>
        <translation>
            <numerusform>%Ln is being exploited</numerusform>
            <numerusform>%Ln are being exploited</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln exploited vulnerabilit(y|ies) (is|are) new</source>
        <translation>
            <numerusform>%Ln exploited vulnerability is new</numerusform>
            <numerusform>%Ln exploited vulnerabilities are new</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) (is|are) new</source>
        <translation>
            <numerusform>%Ln vulnerability is new</numerusform>
            <numerusform>%Ln vulnerabilities are new</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) that concern(s|) the team (is|are) new</source>
        <translation>
            <numerusform>%Ln vulnerability that concerns the team is new</numerusform>
            <numerusform>%Ln vulnerabilities that concern the team are new</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) that concern(s|) this PC (is|are) new</source>
        <translation>
            <numerusform>%Ln vulnerability that concerns this PC is new</numerusform>
            <numerusform>%Ln vulnerabilities that concern this PC are new</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) that concern(s|) you (is|are) new</source>
        <translation>
            <numerusform>%Ln vulnerability that concerns you is new</numerusform>
            <numerusform>%Ln vulnerabilities that concern you are new</numerusform>
        </translation>
    </message>
    <message>
        <source>All PCs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All events of all vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All services are stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All that is known to be exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All {0} sources checked {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An update fetches all known vulnerabilities. It takes 10 to 30 minutes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As of {0}: {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Due soon</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Due {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EPSS is {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EPSS rose from {0} to {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exploited, {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Found {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>I have a file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Installed {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It takes 10 to 30 minutes. You can close the window meanwhile.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last 24 hours</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last 30 days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last 7 days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New critical</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No data yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No longer {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No vulnerabilities yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing has happened in this time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing is known to concern you yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing new</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing new that concerns the team</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing new that concerns this PC</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing new that concerns you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing to show yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing unread</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Now exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On the watchlist: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Overdue {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>See the message above.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the last 30 days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The data are kept, but not updated.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The first update is running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The inbox could not be loaded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The services are starting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This PC</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This takes a few seconds.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unread</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting for the services</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What happens next appears here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is installed here or on the watchlist</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is installed here or on the watchlist: icon, menu and notifications are about this</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is installed on a PC of the team or on the watchlist</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is installed on this PC has not been looked at, and nothing is watched.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>acknowledged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>ignored</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>on %Ln PC(s)</source>
        <translation>
            <numerusform>on %Ln PC</numerusform>
            <numerusform>on %Ln PCs</numerusform>
        </translation>
    </message>
    <message>
        <source>on this PC</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>on {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} of {1} sources checked {2}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} → {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}. Nothing was new as of {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}. What is new is not known.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>→ {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>logs</name>
    <message>
        <source>… {0} skipped: written faster than they can be shown …</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>merge rule</name>
    <message>
        <source>A score of version 3 or later goes before one of version 2. Among them NVD's own counts first, then the CNA's, CISA's and EUVD's; of one origin the newest version.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All assessments, each once.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All ids, in the order CNA, NVD, CISA, EUVD.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All names, united where only the spelling differs.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All other ids.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All other spellings of the vendors and products.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All statements.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All statements; NVD's copy of the CNA's only where MITRE's record has not arrived.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All tags.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Each address once, with the tags of all sources.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>FIRST's estimate, else EUVD's copy of it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Follows from the score.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From CISA's catalogue.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From FIRST.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From NVD.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>MITRE's date from ids of 2023 on, since its earlier ones are often the day of a migration; NVD's before.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>MITRE's word, since the CNA decides; NVD's where its newer record is rejected.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>That of the score.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The CNA's own text first: MITRE, then NVD, EUVD and CISA.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The CNA's title, else CISA's, else the beginning of the description.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The newest date of all sources.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The strongest of CISA's decisions, through whichever source it arrives.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Whether CISA's catalogue lists it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Whether the EU's catalogue lists it.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>notification</name>
    <message numerus="yes">
        <source>%Ln of them (is|are) being exploited</source>
        <translation>
            <numerusform>%Ln of them is being exploited</numerusform>
            <numerusform>%Ln of them are being exploited</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) (is|are) known</source>
        <translation>
            <numerusform>%Ln vulnerability is known</numerusform>
            <numerusform>%Ln vulnerabilities are known</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) in it (is|are) being exploited.</source>
        <translation>
            <numerusform>%Ln vulnerability in it is being exploited.</numerusform>
            <numerusform>%Ln vulnerabilities in it are being exploited.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) in it (is|are) new.</source>
        <translation>
            <numerusform>%Ln vulnerability in it is new.</numerusform>
            <numerusform>%Ln vulnerabilities in it are new.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) that concern(s|) you (is|are) being exploited</source>
        <translation>
            <numerusform>%Ln vulnerability that concerns you is being exploited</numerusform>
            <numerusform>%Ln vulnerabilities that concern you are being exploited</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) that concern(s|) you (is|are) new</source>
        <translation>
            <numerusform>%Ln vulnerability that concerns you is new</numerusform>
            <numerusform>%Ln vulnerabilities that concern you are new</numerusform>
        </translation>
    </message>
    <message>
        <source>A critical vulnerability in it has become known.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A vulnerability in it has become more likely to be exploited.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A vulnerability in it is being exploited.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CISA's due date for a vulnerability in it is near.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Computing the statistics</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>During quiet hours</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is not installed automatically. The download page is linked in Settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Matching what is installed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open it to see what to do.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OpenThreat {0} is available</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sending to the webhooks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The cleanup</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The first update is done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The test</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The update</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Update completed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Update to {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} and {1} more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} on this PC</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} on {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} times since the last notification.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, {1}.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>notifications</name>
    <message>
        <source>Notification</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>pages</name>
    <message>
        <source>Diagnostics</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Inbox</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Logs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PCs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Services</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>System</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tasks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This PC</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Watchlist</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>pause</name>
    <message>
        <source>Paused until resumed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused until {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused until {0}, {1}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>pcs</name>
    <message numerus="yes">
        <source>%Ln more PC(s) (is|are) not listed.</source>
        <translation>
            <numerusform>%Ln more PC is not listed.</numerusform>
            <numerusform>%Ln more PCs are not listed.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln of {0} PCs (has|have) known vulnerabilities. None is exploited.</source>
        <translation>
            <numerusform>%Ln of {0} PCs has known vulnerabilities. None is exploited.</numerusform>
            <numerusform>%Ln of {0} PCs have known vulnerabilities. None is exploited.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln of {0} PCs (has|have) vulnerabilities that are being exploited.</source>
        <translation>
            <numerusform>%Ln of {0} PCs has vulnerabilities that are being exploited.</numerusform>
            <numerusform>%Ln of {0} PCs have vulnerabilities that are being exploited.</numerusform>
        </translation>
    </message>
    <message>
        <source>Known</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last seen</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>No known vulnerability affects what is installed on %Ln PC(s).</source>
        <translation>
            <numerusform>No known vulnerability affects what is installed on %Ln PC.</numerusform>
            <numerusform>No known vulnerability affects what is installed on %Ln PCs.</numerusform>
        </translation>
    </message>
    <message>
        <source>PC</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PCs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PCs that have the program</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Program</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Programs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Programs of all PCs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Programs of the PC</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Update to</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>User</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} (this PC)</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>{0} on %Ln PC(s)</source>
        <translation>
            <numerusform>{0} on %Ln PC</numerusform>
            <numerusform>{0} on %Ln PCs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>problem</name>
    <message>
        <source> One of them, {record}: {reason}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> since {value1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A base address cannot be used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A bundle is being loaded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A certificate could not be verified</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A container does not work</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A database can be made, written and read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A download cannot be written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A downloaded file cannot be used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A field is longer than 400 characters.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A field is longer than {MAX_NAME} characters.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A key has {value1} hexadecimal digits.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A library that windows need is missing: {error}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A message passes the {name}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A page has no records, although {value1} are left.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A page of records has an unexpected format: {error}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A part of it is far too long.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A port is not available</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A proxy, a firewall or the sign-in page of a network may have answered in its place. Open the address in a browser to see the page, and allow the address there; the next update tries again automatically.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A restart of {service} a few minutes ago did not help. It will be restarted again later.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A setting cannot be used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A stored record cannot be read: {reason}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A task is stuck in the queue</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A task is waiting in the queue {queue} although a worker is idle.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A task makes no progress</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A task took too long</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A worker runs a task</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>API</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add it to the group docker (on Windows docker-users) and sign in again, or use the built-in database.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Address and secret are in the keyring of {holder}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Address too long</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Affected: {names}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>After a new version this may take some minutes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>After a new version this may take some minutes{done}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All addresses are listed at /docs.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All connections of this process are in use.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All parts of the program can be loaded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All services are stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All sources are turned off</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All versions are stated, without bounds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Allow this account to write there, or choose another folder under Reports in the settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An administrator can make another one: `openthreat token create NAME --role ROLE`.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An administrator may have forbidden it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An example is "0 */2 * * *": at minute 0 of every second hour.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An id looks like CVE-2024-3094, EUVD-2024-1234 or GHSA-2222-3333-4444.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An inventory has at most {value1} MB, two million lines and a few thousand entries.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An update has nothing to read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An update makes it anew from the records; it starts by itself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Android</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another OpenThreat uses the port</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another process does this.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another program, or a long step of an update, has locked it for more than half a minute.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another program, or a long step of an update, has locked {path} for {BUSY_TIMEOUT} s.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another worker has taken over this run because this one had no heartbeat.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another worker has taken over this run.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Automatic updates are off</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Base address that replaces scheme and host of {service}; the rest of the path stays.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CISA</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CSV, JSON, .reg, winget's export, CycloneDX, SPDX, requirements.txt and package-lock.json can be read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cannot listen on {host}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change it there, or enter the address as well: then this PC sends.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check that PostgreSQL is running there and that DATABASE_URL is right; work then continues by itself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check that it is running. Work continues automatically when it answers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check that its folder exists and is writable, and that the disk has no errors.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check that this folder exists and may be written to.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the base addresses (OPENTHREAT_…_URL) and the proxy settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the broker's configuration; waiting tasks are then sent.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the clock of this computer. Where a company inspects connections, choose its certificate file under Network in the settings (OPENTHREAT_CA_FILE).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the clock of this computer. Where a company inspects connections, choose its certificate file under Network in the settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the connection to the Internet. The download is retried every few minutes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the internet connection and the proxy settings; the next update tries again automatically.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the network connection and the proxy settings; the next update tries again automatically.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the permissions of that folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the permissions of the data folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the proxy, its user and its password under Network in the settings (OPENTHREAT_PROXY, OPENTHREAT_PROXY_PASSWORD).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the proxy, its user and its password under Network in the settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the receiver, and test the webhook in the settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the services and their logs, and try again later.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a file made by `openthreat bundle create`.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a file with the certificate in PEM or DER under Network in the settings, or remove it there (OPENTHREAT_CA_FILE).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose another file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose another folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose another name, or revoke that token first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose another name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose another proxy under Network in the settings, or set OPENTHREAT_PROXY.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose the other kind of encryption, or another port, under Reports in the settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose “Switch to Linux containers” in Docker Desktop's menu.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare the files in {folder}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct NVD_API_KEY or remove it: updates also work without a key, only slower. Request a new key at nvd.nist.gov/developers/request-an-api-key.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct it in settings.toml.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct its permissions, or set OPENTHREAT_HOME to another folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct the OPENTHREAT_…_URL variable, or remove it to use the real service.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct the environment variable or the .env file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct the file, or delete it to start from the defaults.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct the file, or delete it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct the file, or restore it from a backup.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct the server's name, or choose its certificate file under Network in the settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct them under Reports in the settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct {STACK_FILE}, or put it back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Create a database with ENCODING 'UTF8' and set DATABASE_URL to it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Create it, connect its drive, or choose another one under Reports in the settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Critical</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>DATABASE_URL cannot be used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Data folder: {home}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Database</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Database and broker stopped with it. No data are lost.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Disputed: it is in doubt whether this is a vulnerability</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Divide it by machines.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Docker cannot start PostgreSQL and Redis</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Docker does not answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Docker is not installed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Docker is not running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Docker is set to Windows containers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Docker is starting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Docker was stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Docker's compose plugin is missing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Downloading PostgreSQL and Redis</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EPSS rates CVE ids only</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EPSS: {value1} likely to be exploited within 30 days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EUVD</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EUVD's list of ids is not there</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>End its process, on Windows in the Task Manager.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>End that program, or set OPENTHREAT_API_PORT to another port.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Enter both again under Reports in the settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exit code {code}. {last}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exit code {returncode}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export the list of one machine only.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Free disk space. The services then continue automatically.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Free some space on that disk; the daily cleaning then tries again. Until then nothing is lost.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Free some space on that disk; the next run continues where this one stopped.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Free some space on that disk; the next update downloads the file again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Free some space on the server; the next run continues where this one stopped.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Free some space, or choose another folder in the settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Free some space, or set OPENTHREAT_HOME to a folder on a larger disk and move the data there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Free some space, then try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Free space on its disk, or set OPENTHREAT_HOME to another folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give a later time, or none to pause until you resume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>HTML, CSV and JSON can be written.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>High</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Host not allowed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>If another program answers there, set OPENTHREAT_API_PORT to a free port and start again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>If it takes longer, check the Docker Desktop window.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>If it was moved, remove the line OPENTHREAT_FOLDER from the file. If it was copied, delete the file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Install it from https://docs.docker.com/get-docker/, or use the built-in database: it needs no installation.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Install the new version on those PCs, or quit the program there. Then this PC brings the database up to date.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Install the newer version here, or make the bundle with this one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Install the newer version of the program, or choose another data folder or database.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Install the program again; if that does not help, please report it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Install the program into a folder with a shorter path.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Internal error</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Invalid position</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It announces {records} records and has {value2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It answered 404 ({value1}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It answered 404 Not Found.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It answered 404.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It answered: {message}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It cannot be read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It does not answer in time.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It ended {count} times within {minutes} minutes, the last time: {reason}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It ends too early, or has more after its end.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It ends too early.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It ends within a message.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It failed {failures} times in a row.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It has a second header.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It has more after its end.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It has more than {MAX_ENTRIES} entries, which is more than one machine has.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It has no header.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It has no name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It has no records from {first} on, although there must be some.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It has revision {revision}; this version knows up to {HEAD}. Nothing was changed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It has the password of this data folder's database in Docker (volume {reason}). A new one would have another.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It has {listed}; {stored} are stored here. None was withdrawn.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is a file, a device or data, not software.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is a part of the system or of another program, which Windows does not list.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is a replica, or set to read-only. Set DATABASE_URL to the server that accepts writes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is an option, a path or an address, not a package.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is an update of another program.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is being restarted; its task continues.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is handed over again within a minute. If that does not help, restart the service.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is no complete JSON document: {error}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is not signed, and only signed bundles are accepted here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is not the address of a database.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is restarted if necessary.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is started again automatically, at least every 30 minutes. Details are in {log} in the log folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is tried again in a few minutes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is tried again with every update.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is {difference}. The schedule and the updates depend on it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It made no progress for {value1} minutes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It may arrive all the same.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It may be newer than the last update, or not published yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It may be revoked already.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It needs five fields (minute, hour, day, month, weekday) and has {value1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It ran for {minutes} minutes, the limit for a task.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It should look like postgresql://user:password@host:5432/name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It uses the data folder {home}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It was asked to end {CLOSED_WITHIN_S} s ago.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It was ended after {timeout_s} seconds.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It was made by a newer version of the program (format {version}; this one knows {FORMAT}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It was signed with another key than the trusted one, or was changed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its API answers only the programs of the user who started it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its API reports that there are none.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its EPSS scores are incomplete.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its EPSS scores are not in order.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its answer has an unexpected format: {error}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its content is not as expected: {error}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its engine does not answer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its engine runs but does not respond.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its feed of {year} is empty, which it was not before.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its feed of {year} is missing.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its format is not known.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its log, supervisor.log, shows what it waits for.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its ports and passwords are in {STACK_FILE}, and {home} has none.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its process is running, but it has sent no heartbeat for {seconds} s.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its records are not in order.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its system or machine has an unexpected form.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its tasks wait.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Jobs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leave the user empty, or choose another port, under Reports in the settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Let the system set its clock by the network.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Line {value1}: {error}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Linux</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Listed in CISA's known exploited vulnerabilities{since}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Listed in the EU's known exploited vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Load a bundle that was signed with the key of `bundle.trusted_key`, or change that setting.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Load one with `openthreat bundle load FILE`.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look at its name and port under Reports in the settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look at the folder, or choose another one under Reports in the settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look at the sender under Reports in the settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Low</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Make the bundle again, from a database that is up to date.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Medium</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Method not allowed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>More than one scheduler is running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NVD</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NVD allows the next request in {seconds} seconds.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NVD does not accept the API key</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NVD does not accept this key. Request a new key at nvd.nist.gov/developers/request-an-api-key; it works after the link in NVD's mail has been opened.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NVD refused the request</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NVD sent no records</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NVD's {name} feed is not complete</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name another folder in OPENTHREAT_HOME.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name another folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No CVSS score yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No EPSS estimate yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No action is needed: each update reads the list again. If it is still so short on {until}, it is accepted.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No entry has this name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No message passes the {name}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No program listens there, but the system does not allow its use.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No program uses the data folder {home}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No run has this id, or it is so old that it was removed from the history.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No service is started for pictures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No source could be asked for the time.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No source could be reached</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No source could be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No source was read completely.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No such event</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No such finding</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No such machine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No such program</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No such run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No such schedule entry</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No such token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No such webhook</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No update has filled it yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No update in the schedule is turned on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No webhook has this id.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No worker can be started</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No worker runs a task</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>None</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>None of it was stored. If this happens again, please report it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>None of it was stored; the next update downloads it again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>None of it was stored; the next update tries again automatically.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>None was uploaded, or it was deleted.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not a CVE id</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not in the database</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not permitted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing can be collected here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing is updated.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing listens on its port.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing runs automatically</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing runs automatically until then.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OPENTHREAT_API_HOST is {host}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On Debian and Ubuntu: `apt install libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libdbus-1-3 libfontconfig1`. Without windows, `openthreat up` runs everything in a terminal.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One answer has more than {value1} MiB.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only in a hosted service: nothing to update here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only one of the installed and the stated version is a date</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only you can open the data folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OpenThreat is already running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OpenThreat is already running in a terminal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OpenThreat is not running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OpenThreat was started again meanwhile</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Origin not allowed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Other PCs use the database with an older version of the program</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Other users may be able to open the data folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pages of other sites cannot use this API.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Parts of the program are missing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Path and query together are limited to {MAX_ADDRESS} bytes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Port {port} is reserved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Port {port} is taken</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PostgreSQL and Redis are starting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PostgreSQL and Redis need Linux containers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Process {pid} answers on port {port}, and it is not the API of this data folder that was started here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Published {value1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Records are missing in it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Redis cannot be reached</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rejected: no vulnerability of its own</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove one that is not needed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Request too large</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Restart Docker or this machine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Restore a backup, or empty the database: everything is then downloaded again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Restore the file, for example from a backup, or use the built-in database: the data can be downloaded again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>SOCKS proxies are not supported, only HTTP proxies</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scripts (PAC) are not supported; enter the address of the proxy itself</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search for fewer words.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Searches fail until it has been made anew. No record is lost.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Seen in active use by attackers, says CISA</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send `next` of the previous answer, with the same sort order.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send the header `Authorization: Bearer &lt;token&gt;`. Commands read it from OPENTHREAT_API_TOKEN; `openthreat token create` makes one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sent to {value1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set OPENTHREAT_API_HOST to an address of this machine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set OPENTHREAT_API_PORT to another port and start again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set OPENTHREAT_API_TOKEN to a long random text, or OPENTHREAT_API_HOST to 127.0.0.1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set OPENTHREAT_HOME to a folder of your own, in your user folder, and move the data there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set it to 127.0.0.1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set it to a name such as Europe/Berlin, or remove it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start Redis, or correct {variable}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start it again; the services then continue automatically.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start it, or correct {variable}; the services then continue automatically.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start it; the services then continue automatically.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start it; waiting tasks are then sent.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start the program first (`openthreat up`), or set OPENTHREAT_STACK=embedded.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop all but one of them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop that program, or set OPENTHREAT_API_PORT to a free port and start again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop the program and delete the file: it is created again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop the program, and restore the database from a backup or remove it: everything is downloaded again then.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Taken over</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tasks reach the workers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>That may take a minute or two.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The .env file cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The API answers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The API answers only the programs of the user who started it, and the system does not say whose program sent this request.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The API has no such address.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The API is not running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The API lists all runs at {API_PREFIX}/tasks.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The API may not listen without a token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The API's address is not of this machine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The Docker Desktop window or Docker's log may show the cause.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The Docker stack was never started here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The Docker stack's addresses cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The Host header of the request is not an address of this API.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The PDF cannot be made</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The Schedule service is not running.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The address at {host} is not valid.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The address is invalid: {error}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The address is no longer in the keyring of this PC. Enter it again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The answer has an unexpected format: {error}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The answer is empty.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The archive of all records cannot be unpacked: {error}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The archive unpacks to more than {value1} GiB.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The body of the request is longer than the API accepts.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The broker answers again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The broker cannot be reached</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The broker does not take tasks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The broker takes tasks again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The built-in broker cannot be used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The built-in broker's file cannot be written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The built-in broker's file is damaged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The bundle has far fewer records of {value1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The catalogue announces {count} entries and has {found}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The certificate file cannot be used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The certificate of {host} could not be verified: {reason}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The clock is right</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The clock is wrong</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The clock was not checked</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The compressed answer of {host} is damaged.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The connection to {host} broke.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The data are kept, but not updated.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The data folder cannot be used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The data folder cannot be written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database answers again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database answers and can be written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database belongs to a newer version of the program</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database cannot be reached</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database cannot store all characters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database does not accept writes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database does not return what was written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database file cannot be used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database file is damaged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database is being prepared</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database is busy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database is damaged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database is still empty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database server's disk is full</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database was written by a newer version of the program</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The description of the {name} feed has no checksum.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The diagnosis cannot be started</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The diagnosis failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The diagnosis took too long</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The disk is full</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The disk is nearly full</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The disk of the built-in broker is full</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The disk that Docker uses is full</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The display {value1} does not answer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The docker program was not found on this machine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The encoding of {name} is {encoding}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The entries are {value1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file cannot be opened</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file holds no software</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file is an XML document.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file is damaged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file is damaged or incomplete: its digest is another one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file is far too large.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file is incomplete.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file is no bundle of OpenThreat.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file is no inventory that can be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file is no longer needed in this run.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file is too large</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The folder for reports cannot be written to</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The folder for reports is not there</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The id of this PC can be neither read nor written in the data folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The images cannot be downloaded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The installed version cannot be compared with the stated ones</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The installed version is not known</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The installed version is numbered in another way than the stated ones</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The installed version is of another branch than the stated ones</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The inventory is damaged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The inventory is too large</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The key cannot be used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The last good update is more than a day old.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The last update failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The list of installed programs cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The log of the API has the details.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The logs may show the cause.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The mail server cannot be reached</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The mail server did not confirm the mail</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The mail server does not encrypt in this way</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The mail server knows no users here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The mail server refuses the mail</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The mail server refuses the recipients</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The mail server refuses user or password</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The mail server's certificate cannot be verified</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The name {host} could not be looked up.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The newest release has no valid date: {error}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The newest {value1} of {value2} events; the Inbox has all of them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The next update builds its indexes anew. If that is not enough, restore a backup, or empty the database: everything is then downloaded again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The next update repairs its indexes. If that is not enough, stop the program, restore a backup or move the file elsewhere, and start again: without the file, everything is downloaded again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The next update tries again automatically.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The order of the installed version and a stated bound is not known</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The other records were stored. Each update reads them again; if this lasts, the source has probably changed its format: install a newer version of the program, or report it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The pause cannot end in the past</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The pictures cannot be written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The position of a source in it cannot be read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The product was no longer supported when this became known</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The program is stopping. The run continues at the next start.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The program's own API is not answering</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The proxy refuses the connection</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The proxy {proxy} cannot connect to {host} ({value3}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The proxy {proxy} does not accept the user and the password.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The proxy {proxy} on the way to {host} could not be reached.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The proxy {proxy} refuses to connect to {host} ({value3}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The proxy {proxy} requires a user and a password.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The proxy's address has the form host:port</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The records present were stored; the next update checks the feed again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The report cannot be saved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The report cannot be written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The report could not be delivered</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The request failed because of a fault in the program.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The request is not valid</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The request is not valid JSON</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The room on the disk is not known</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The run did not end within {value1} minutes and ignored the request to stop.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The run did not end within {value1} minutes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The run was cancelled by request.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The running program does not answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The running program does not end</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same entry is there already.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The schedule is being kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The schedule is not valid</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The schedule is paused until {until}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The search index is damaged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The search index is whole</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The search works again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The secret cannot be changed here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The secret cannot be saved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The server refuses {value1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The service has to fix this; the next update tries again automatically.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The service is being restarted, and the run is marked as failed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The service is being restarted, and the run is repeated.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The settings can be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The settings cannot be saved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The settings file cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The settings file cannot be used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The settings file was damaged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The start at login cannot be changed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The stated versions cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The status of the installed version is not stated</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The stored records stay unchanged; the next update tries again automatically.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The system does not say it for {home}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The system refuses access to Docker's engine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The system's proxy cannot be used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The table cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The table has no columns cve and epss: “{value1}”.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The tables of known products are empty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The tables of known products can be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The tables of known products cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The task failed unexpectedly</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The task of {name} has made no progress for more than 10 minutes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The time zone has no known name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The time zone is known</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The update has ended.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The update works again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The user cannot be determined</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The webhook cannot be saved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The windows cannot be shown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {name} does not return what was sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {name} feed does not have the stated checksum.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {name} feed has an unexpected format: {error}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {service} service cannot be started</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {service} service cannot run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {service} service ended unexpectedly</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {service} service has stopped responding</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {service} service is not running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {service} service keeps failing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {service} service runs again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {title} service is idle, but {waited}. It is being restarted.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Their containers run but do not answer yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There are too many webhooks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is a token with the name “{name}” already.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is a webhook with this name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no event {up_to}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no finding {finding_id} that is not resolved.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no machine “{value1}”.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no program with the number {program}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no record of {cve_id}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no room for the bundle in {value1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no room for the report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no space for {name} in {parent}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no token with the number {token_id}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is nothing to put into a bundle yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is room on the disk</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is room on the disk again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>They are {names}. Nothing was changed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This API requires a token, and the request has none, or one that is unknown or revoked.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This OpenThreat belongs to another user</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This account is not allowed to use Docker</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This address does not support the method.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This could not be done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This data folder was moved or copied.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This docker program does not support `docker compose`.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This is a fault in the program. Please report it with the traceback.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This is needed once and may take some minutes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This name is taken</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This token has the role “{role}”; this request needs “{needed}”.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time limit exceeded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Title or description name only {named}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>To search for words, use the search.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Token missing or wrong</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Too many requests to NVD</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try again in a minute. If that does not help, close database tools that have the file open.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try again in a moment.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Turn on at least one source in the settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unused space of the database is not returned</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Update Docker Desktop, or install the package docker-compose-plugin.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updated to {version}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updates</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updates and Jobs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updates and jobs are not running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updates run by themselves</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use http://127.0.0.1 with the port of the API.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use other ports, or end that program or container.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use other ports, or end the program that uses it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use other ports.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use postgresql://user:password@host:5432/name, or leave it empty for the built-in database.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Used in ransomware campaigns</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Version {version}, process {pid}, {api_base}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Versions are stated as commits</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wait for its end, or cancel it: `openthreat cancel {task_id}`.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wait until the first update has ended.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is installed cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What it has written stays. The next run continues from there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Windows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Windows denies access to it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Windows does not open {unread}. What was known before stays.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Windows does not start commands longer than {MAX_LENGTH} characters.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>With OPENTHREAT_API_TOKEN set, the API answers every program that sends the token, of any user.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Work continues as soon as it is released. If that takes long, close database tools that have it open.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Workers are running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write it anew as CSV in UTF-8.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>XML is not read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>`after` is not a position in this list: {error}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>`bundle.trusted_key` is no key</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>`openthreat down` ends it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>`openthreat down` ends it; `openthreat tray --replace` ends it and starts the tray.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>`openthreat inventory import FILE` imports a list or an SBOM from a file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>`openthreat inventory list` and {API_PREFIX}/machines list all of them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>`openthreat up` runs for the data folder {home}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>`openthreat up` starts it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>`openthreat up` starts your own, on another port. With OPENTHREAT_API_TOKEN set, the API answers every program that sends the token, of any user.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>`openthreat` starts it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>after {start}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>after {start} to before {end}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>after {start} to {end}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>another program answers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>before {end}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>from {start}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>from {start} to before {end}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>from {start} to {end}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>iOS</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it is resumed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>less than 1 %</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>macOS</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>more than 99 %</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no answer from {base} within {wait_s} s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no connection to {base} in time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>nothing listens at {base}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>other systems</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>stack.env belongs to another data folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>stack.env cannot be used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>stack.env is missing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the CNA</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the answer broke off</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the answer cannot be understood</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the answer is far too long</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>there is no way to {base}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>today</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>up to {end}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>what answers at {base} does not speak HTTP</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>yesterday</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{API_PREFIX}/findings lists all of them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{API_PREFIX}/inbox lists all of them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{API_PREFIX}/programs lists all of them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{API_PREFIX}/webhooks lists all of them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{MOST_INTERRUPTIONS} workers have died while they ran this task.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{address} does not answer ({reason}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{advice}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{api_host} can be reached by other machines.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{base} closed the connection without an answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{cve_id} is not one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{days} days ago</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{done} of {value2} layers downloaded.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{folder} belongs to another user and has the rights {rights}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{folder} has {value2} MB left, and rewriting {path} takes {value4}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{folder} holds more than the program's data, so its rights were left at {rights}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{folder} keeps the rights {rights}, as folders on some network drives and removable disks do.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{folder} lies outside your user folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{folder}: {value2}. The next report covers this time as well.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{holder} has not sent for a day. Start the program there, or enter the address on another PC.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{holder} has the address in its keyring, and sends.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{holder} listens there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{hostname} did not answer in {total_s} seconds.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{hostname} redirects again and again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{hostname} redirects to another server, which does not get the message.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{host} answered {answer}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{host} broke off in the middle of its answer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{host} did not answer in time.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{host} redirected to an address without encryption.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{host} redirects ({status}) in a way that a message cannot follow.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{host} refused the connection.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{label} is turned off</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{label} is up to date</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{message} It belongs to {value2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{named} and {value2} more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{names}. Each entry still starts once.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} answers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} exists.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has been running {current_task_name} without progress for more than 10 minutes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} takes tasks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name}: {message}. The data stored before is intact.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{nothing} {value2} overdue.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{other} is not supported.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} cannot be read: {value2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} cannot be written: {reason} The data stored before is intact.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} has no secret key.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is no text in UTF-8.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{programs} programs, {packages} packages.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{read} instead of {written}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{reason}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{reason} Existing data are kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{reason} What is new is kept and sent later.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{refused} of {seen} records were refused.{example}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{room} free in the data folder ({folder}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{server} answers again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{server} cannot be reached</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{setting} is not the name of a time zone. The system reads it as {zone}, and so does the schedule.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{sources} could not be updated</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{sources} is up to date again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{sources}: not loaded yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{sources}: out of date</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{source} cannot be reached</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{source} cannot be trusted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{source} has no {name} feed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{source} refused the request</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{source} sent a damaged file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{source} sent a web page instead of data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{source} sent invalid data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{source} sent too much</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{task} failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{task} works again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{title}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{until} UTC is over.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{url} answered with a page without a title.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{url} answered with the page “{title}”.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{value1} MB are free.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{value1} cannot be used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{value1} could not continue the download.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{value1} has {listed} entries instead of about {stored}, which is probably a failure. No record was withdrawn; all else was read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{value1} is the largest number.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{value1} listens on it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{value1} modules.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{value1} new{exploited}. {value3} fixed, {value4} overdue.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{value1} sent far fewer records than before</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{value1} sent records that cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{value1}, but {value2}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{value1}: CVSS {cvss_score}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{webhooks} receives messages again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{webhooks}: nothing could be sent for a day</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{whose} calls all versions affected but {value2}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{whose} calls no version affected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{whose} calls only versions {affected} affected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{whose} calls versions {affected} affected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{whose} calls versions {value2} not affected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{whose} names only {named}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{given}” is not an address of the form https://host/prefix.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>progress</name>
    <message>
        <source>Asking the sources</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Building the search index</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checking the bundle</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Computing the priorities</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Computing the statistics</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Downloading {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Matching what is installed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Merging the records of all sources</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Testing {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Trying again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>step {0} of {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} per second</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} so far</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>remedy</name>
    <message>
        <source>Cancel download</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Download images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Network settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open Settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open data folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open schedule</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Restart</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resume schedule</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings of reports</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start Docker Desktop</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Update now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use other ports</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use the built-in database</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Webhook settings</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>runs</name>
    <message>
        <source>{0} changed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} could not be updated</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} new</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} records read</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>schedule</name>
    <message>
        <source>Calculating the next update…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every day at {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every hour</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every minute</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every {0} hours</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every {0} minutes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>More often than NVD asks for</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NVD asks for two hours between updates and may refuse what comes sooner.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next update {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The next update is due</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You can save it all the same.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} at {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} to {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, on the hour</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, {1} min past the hour</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>services</name>
    <message>
        <source>All services are running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All services are running, some with problems</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All services are stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Restarts in {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runs short jobs: matching, statistics, cleanup, tests</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Serves this window and other programs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Started by another program on {0}. Starts the scheduled jobs, each only once</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Started by another program; used, but never stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting: {0} of {1} services are running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starts the scheduled jobs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stores the data and the job queue in files in the data folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stores the data and the job queue on your own servers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stores the data and the job queue: PostgreSQL and Redis in Docker</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updates the database from the sources</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting for other services</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Worker started by another program on {0}. Queues: {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} of {1} services are running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} of {1} services failed</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>settings</name>
    <message>
        <source>About</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Access from other machines</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All that happened</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All that is exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Also administers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Also decides</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another program (JSON)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Appearance and startup</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CISA KEV</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checked {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Data up to {0}, {1} vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Database</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Due soon</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EPSS</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EPSS rose</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EUVD</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fixed on a PC</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Found on a PC</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How likely each vulnerability is to be exploited in the next 30 days, from FIRST.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Inbox</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Key in the file .env</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Key saved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Key set by the environment</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last sent {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>MITRE CVE list</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Manual</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Microsoft Teams</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NVD</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New and critical</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No key: updates from NVD are slower</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No newer version (checked {0}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No proxy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>None</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing has been read yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OpenThreat Desktop is free software under the Apache License 2.0. It contains Qt and PySide6 (LGPL 3.0), Material Design Icons (Apache 2.0) and other free software.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Privacy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reports</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>STARTTLS</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved. All services are restarting with the other database.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved. The cleanup service is restarting.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved. The update services are restarting.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scores, weaknesses and affected products with versions, from NIST (United States).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sees everything</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set by the variable {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set in the file {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Slack</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sources</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Storage</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>TLS from the beginning</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The European Union's records, and what ENISA knows to be exploited.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The last check for new versions failed. It is repeated automatically.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The records as their publishers write them, with affected and fixed versions.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This build does not check for new versions.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This product uses data from the NVD API but is not endorsed or certified by the NVD. CVE records and names of weaknesses (CWE): The MITRE Corporation. Known exploited vulnerabilities: CISA. EPSS scores: FIRST.org. EUVD data: ENISA.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use system setting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Version {0} is available.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Version {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Webhooks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What concerns the PC that sends</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What concerns you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is installed or watched</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is known to be exploited, and by when US agencies have to mend it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Without internet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} · {1} · last used {2} from {3}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} · {1} · never used</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>stack</name>
    <message>
        <source>Built-in database</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Docker</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PostgreSQL and Redis in containers that OpenThreat starts and stops. Requires Docker.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PostgreSQL and Redis run by your team. Set DATABASE_URL and REDIS_URL in the environment or in the file .env in the data folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stores everything in files in the data folder. Needs no other software. Best for a single PC.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your own servers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>in Docker volumes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>in {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>on your servers</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>state</name>
    <message>
        <source>Another program</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bundle</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelling</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cleanup</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Completed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Critical</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Failing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>First start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>High</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Information</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last update failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Low</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Manual</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Manual update</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Matching</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Medium</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No data yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>None</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not answering</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OK</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Off</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Out of date</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Partly completed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Problem</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Restarting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Retrying</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Started elsewhere</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Statistics</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stopping</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Test</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tries again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Up to date</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Update</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Warning</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Webhooks</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>suggestions</name>
    <message>
        <source>Changed since Monday</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Critical, published last month</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mine, due within two weeks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Newly exploited, in the last 7 days</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>table</name>
    <message>
        <source>empty</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>tasks</name>
    <message>
        <source>An update is already running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An update is waiting to start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelling the update…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last update cancelled {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last update completed {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last update failed {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last update partly completed {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last update {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No update yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The newest of them is shown. Choose the task above to list each.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The services are not ready yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This version does not support this task</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updating</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updating: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting for the services</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} records</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>this pc</name>
    <message numerus="yes">
        <source>%Ln installed update(s) of Windows</source>
        <translation>
            <numerusform>%Ln installed update of Windows</numerusform>
            <numerusform>%Ln installed updates of Windows</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln part(s) of other programs</source>
        <translation>
            <numerusform>%Ln part of other programs</numerusform>
            <numerusform>%Ln parts of other programs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln program(s) (has|have) known vulnerabilities.</source>
        <translation>
            <numerusform>%Ln program has known vulnerabilities.</numerusform>
            <numerusform>%Ln programs have known vulnerabilities.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln program(s) (has|have) vulnerabilities that are being exploited.</source>
        <translation>
            <numerusform>%Ln program has vulnerabilities that are being exploited.</numerusform>
            <numerusform>%Ln programs have vulnerabilities that are being exploited.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln program(s) (is|are) being matched.</source>
        <translation>
            <numerusform>%Ln program is being matched.</numerusform>
            <numerusform>%Ln programs are being matched.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln program(s) matched</source>
        <translation>
            <numerusform>%Ln program matched</numerusform>
            <numerusform>%Ln programs matched</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln that nobody has ever reported on</source>
        <translation>
            <numerusform>%Ln that nobody has ever reported on</numerusform>
            <numerusform>%Ln that nobody has ever reported on</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) of the product (is|are) known.</source>
        <translation>
            <numerusform>%Ln vulnerability of the product is known.</numerusform>
            <numerusform>%Ln vulnerabilities of the product are known.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln without known product</source>
        <translation>
            <numerusform>%Ln without known product</numerusform>
            <numerusform>%Ln without known product</numerusform>
        </translation>
    </message>
    <message>
        <source>A part without records of its own</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Acknowledged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another publisher's product has this name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Being matched</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cannot tell</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare the version with the record, and ignore it if it does not apply.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compared as {0}, by the name only: probably right.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compared as {0}, which you chose.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compared as {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fixed in</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>ID</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ignored</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ignored until {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import a list of what is installed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Installed programs are collected on Windows only: the packages of other systems have corrections that their versions do not show. Drop a file here: CSV, JSON, .reg, winget's export, CycloneDX, SPDX, requirements.txt or package-lock.json.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is tried again by itself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It was made {0}. What was installed or updated since is not in it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Known</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Known vulnerabilities affect the installed version.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Known vulnerabilities of the installed version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading what is known of this PC…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looking at this PC is switched off</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looking at what is installed…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Never reported</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No known vulnerability affects the installed version.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No known vulnerability affects what is installed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No record names such a product</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No record of any source names such a product.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No source states a fixed version. The record may name a way around it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No source states a version without these vulnerabilities.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>None is known to be exploited.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing is left of the name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing known</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open Settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Other programs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Parts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Parts of Windows and of other programs, which have no records of their own.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Product</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Product unknown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Program</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Programs with known vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Publisher</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scan now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings can switch it on. A list from a file can be imported all the same.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Several products have this name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Severity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>State</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The first update is still loading the vulnerabilities.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The installed version has none of them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The lowest version without any vulnerability for which one is stated</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The name does not say which product it is. You can choose the product.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The programs appear here in a few seconds, their vulnerabilities as they are matched.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The records call this version {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>They are compared with the records now.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This PC could not be scanned</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This list is old</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Title</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Uncertain</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Update to</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Update to {0} or later.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Update to {0}: that mends {1} of {2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Updating %Ln program(s) mends {0} of {1}.</source>
        <translation>
            <numerusform>Updating %Ln program mends {0} of {1}.</numerusform>
            <numerusform>Updating %Ln programs mends {0} of {1}.</numerusform>
        </translation>
    </message>
    <message>
        <source>Version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vulnerabilities of the product are known; whether the installed version has them is not.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vulnerable</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting for the services</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is known of this PC could not be loaded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What was installed or updated there since is not in this list.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Windows Update: build {0} mends {1} of {2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You ignore all known vulnerabilities of the installed version.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You ignore all known vulnerabilities of what is installed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You said that it is none of the known products</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} (not seen since {1})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} (this PC)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} acknowledged by {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} has not been seen since {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} ignored by {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} more cannot be determined.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} opened again by {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} resolved by {1}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>tray</name>
    <message numerus="yes">
        <source>%Ln exploited for you</source>
        <translation>
            <numerusform>%Ln exploited for you</numerusform>
            <numerusform>%Ln exploited for you</numerusform>
        </translation>
    </message>
    <message>
        <source>All is well</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Automatic updates are off</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last update cancelled {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last update failed {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last update {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next update {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OpenThreat: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Schedule: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updating: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updating…</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>vulnerabilities</name>
    <message numerus="yes">
        <source>%Ln matching vulnerabilit(y|ies)</source>
        <translation>
            <numerusform>%Ln matching vulnerability</numerusform>
            <numerusform>%Ln matching vulnerabilities</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln of {0} pasted IDs found</source>
        <translation>
            <numerusform>%Ln of {0} pasted IDs found</numerusform>
            <numerusform>%Ln of {0} pasted IDs found</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln of {0} vulnerabilities match</source>
        <translation>
            <numerusform>%Ln of {0} vulnerabilities match</numerusform>
            <numerusform>%Ln of {0} vulnerabilities match</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies)</source>
        <translation>
            <numerusform>%Ln vulnerability</numerusform>
            <numerusform>%Ln vulnerabilities</numerusform>
        </translation>
    </message>
    <message>
        <source>Acknowledged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CISA listed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CVSS {0} or higher</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Changed on or after {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Clear all filters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Disputed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Due</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Due before {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EPSS</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EPSS {0} or higher</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hidden</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hosted service only</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>ID</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ignored</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It may be newer than the last update, or a filter leaves it out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Listed by CISA before {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Listed by CISA on or after {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Listed too</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading the vulnerabilities…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Modified</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>More than {0} matching vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NVD's status: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Newly exploited since {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No matching vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No vulnerabilities yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No vulnerability matches all filters.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not in the database</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not used by ransomware</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only these</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Priority</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Priority {0} or higher</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Product no longer supported</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Product: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Products</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Published</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Published before {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Published on or after {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rejected: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resolved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Severity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Severity: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Source: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sources</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tag: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Text: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The first update adds them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The first update is running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The vulnerabilities could not be loaded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Title</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Triage: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Trying again every few seconds.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Used by ransomware</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vendor: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vendors</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weakness: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is exploited appears here first, then the newest vulnerabilities.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>n/a</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} v2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{0}”: {1}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>vulnerability</name>
    <message>
        <source>Acknowledged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Added to CISA's known exploited vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Added to the EU's known exploited vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Advisory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Affected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Affected products</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Also known as</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CISA (SSVC assessment)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CISA (known exploited vulnerabilities)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CISA notes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CVSS score</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CVSS scores</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CVSS vector</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CVSS version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CVSS {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cannot tell</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Description</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Disputed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Due</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Due date set by CISA</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EPSS</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EU (known exploited vulnerabilities)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EUVD</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exploit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exploitation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exploitation (SSVC)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exploited (EU)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>FIRST has no scores of it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>First seen</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>First seen by this program</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fixed in</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From {0} to {1} within {2} days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>High</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Highest</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hosted service</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ignored</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Listed by CISA</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Listed by the EU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Low</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Marked as</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Medium</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mitigation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Modified</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NVD's analysis</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Names: CWE {0} of {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On this PC</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On your PCs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Other</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Other spellings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Patch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Priority</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Products</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Published</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ransomware</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>References</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rejected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Release notes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Required action</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Severity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Source: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sources</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>State</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Title</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unsupported</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vendors</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Very high</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weaknesses</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>all versions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an exploit is public</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>and {0} more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>and {0} more: see the affected versions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>higher than {0} of all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>known use in campaigns</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no known exploitation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no known use in campaigns</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>yes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} (CVSS v2)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} (not affected)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} ({1})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} Note: {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} added: {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} and {1} more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} by {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} for {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} likely to be exploited within 30 days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} on {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} removed: {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} removed: {1}; added: {2}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} → update to {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, only for: {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}: {1} of 100</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}: {1} since {2}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}: {1} → {2}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>watchlist</name>
    <message numerus="yes">
        <source>%Ln entr(y|ies) (is|are) watched.</source>
        <translation>
            <numerusform>%Ln entry is watched.</numerusform>
            <numerusform>%Ln entries are watched.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln of them matches nothing.</source>
        <translation>
            <numerusform>%Ln of them matches nothing.</numerusform>
            <numerusform>%Ln of them matches nothing.</numerusform>
        </translation>
    </message>
    <message>
        <source>Critical</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In the last 30 days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In the last 30 days it would have shown {0} newly exploited and {1} critical.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last changed by {0}, {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No known vulnerability affects this version.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No record names this. Nothing would ever be shown until one does.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No record names this. The nearest names are below.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No vulnerability in the records matches this search.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>None</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing is watched. What is installed on this PC concerns you anyway.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Product</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vendor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>search “{0}”</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} vulnerabilities.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>window</name>
    <message>
        <source>What you see is as of {0}.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>words</name>
    <message>
        <source>in {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>just now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>today</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>yesterday</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} %</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} ago</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} d</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} h</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} min</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} on {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, {1}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
