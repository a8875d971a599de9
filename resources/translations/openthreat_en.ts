<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US">
<context>
    <name>AppearanceSection</name>
    <message>
        <source>&amp;Theme</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start with me when I log in, without a window</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>AttentionCard</name>
    <message>
        <source>All exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Latest known exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mark as seen</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New since you last looked</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>They are not listed as new again. Closing the window does the same.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>and %Ln more</source>
        <translation>
            <numerusform>and %Ln more</numerusform>
            <numerusform>and %Ln more</numerusform>
        </translation>
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
    <name>Chips</name>
    <message>
        <source>Clear all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove the filter {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove this filter</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Chooser</name>
    <message>
        <source>How often</source>
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
        <source>Nothing was published in these days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vulnerabilities published in the last 30 days</source>
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
        <source>%n thing(s) worth a look</source>
        <translation>
            <numerusform>%n thing worth a look</numerusform>
            <numerusform>%n things worth a look</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>All is well: %n check(s) made</source>
        <translation>
            <numerusform>All is well: %n check made</numerusform>
            <numerusform>All is well: %n checks made</numerusform>
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
        <source>Checking …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Examination</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Found: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looking at everything</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looking at everything …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing is known yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save a report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save a report …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings, disk, database, services, sources and clock are looked at. It takes seconds.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The examination failed</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>DockerState</name>
    <message>
        <source>Look again</source>
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
        <source>Save</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The next five runs</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>EntryCard</name>
    <message>
        <source>Being planned</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Edit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is running already</source>
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
        <source>Not planned</source>
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
        <source>Switched on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This version does not know it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} switched on</source>
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
        <source>Another export is still under way</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Exported %Ln vulnerabilit(y|ies)</source>
        <translation>
            <numerusform>Exported %Ln vulnerability</numerusform>
            <numerusform>Exported %Ln vulnerabilities</numerusform>
        </translation>
    </message>
    <message>
        <source>Exporting to {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>JSON documents (*.json)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing was written.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Spreadsheets (*.csv)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The export was cancelled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wait, or cancel it.</source>
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
        <source>Last 30 days</source>
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
        <source>Only what is known to be exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search ids, titles, descriptions, vendors and products</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>FilterPanel</name>
    <message>
        <source>Any</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Any day</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CVSS at least</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Priority at least</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Product</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Published from</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Published up to</source>
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
        <source>The whole name</source>
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
        <source>Nothing found</source>
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
    <name>FirstStartPage</name>
    <message>
        <source>After that the first update begins by itself. It takes 10 to 30 minutes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The program will wait until Docker can be used.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Welcome to OpenThreat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where shall the known vulnerabilities be kept? It can be changed later on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} (recommended)</source>
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
    <name>ForeignCard</name>
    <message>
        <source>At work: {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>History</name>
    <message>
        <source>No run fits</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing has run yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading the history</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show all runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The history cannot be read now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What runs by itself or is asked for is listed here.</source>
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
    <name>LastRun</name>
    <message>
        <source>Not yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}: show this run</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>LinkedCard</name>
    <message>
        <source>Open the page</source>
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
        <source>Copy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Follow</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Information and worse</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Level</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No errors and no warnings in the last {0} lines</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No line is as grave as that</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing is logged yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only errors</source>
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
        <source>Services</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This log cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Warnings and worse</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What this service says appears here as soon as it says something.</source>
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
        <source>Processors</source>
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
        <source>This machine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time zone</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} of {1} free</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, from source</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, installed</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>This desktop has no tray: closing this window ends OpenThreat, and updates with it.</source>
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
    <name>NewsTable</name>
    <message>
        <source>Exploited vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>NextRunsCard</name>
    <message>
        <source>Next runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing is scheduled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing starts by itself now</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>NotificationsSection</name>
    <message>
        <source>A service gave up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A vulnerability of a watched vendor became known as exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An update or another run failed, or works again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every update that succeeded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quiet from</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quiet hours: no notifications</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quiet until</source>
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
        <source>It stands in the file .env in the data folder. A key that is kept here is used before it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kept in the system's keyring. The service that updates starts again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NVD &amp;key</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NVD is being asked…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NVD key</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paste a key here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Test</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The environment decides this (NVD_API_KEY): change it there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The key is forgotten. The service that updates starts again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no keyring here: kept in a file that only you can read.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>OverviewPage</name>
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
    <name>OwnFields</name>
    <message>
        <source>Cron line</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Minute, hour, day, month, weekday</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Own cron line</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Pane</name>
    <message>
        <source>Address</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Affected products</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Affected {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Changes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Facts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>History {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kind</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Links {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No product is named.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing has changed since it came in.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing is selected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Product</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>References</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Select a row to read it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Source</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There are no links.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>To</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Versions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>When</source>
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
    <name>ProgressStrip</name>
    <message>
        <source>Progress</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting to begin</source>
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
    <name>ReleaseSection</name>
    <message>
        <source>Look for a new version once a day; it is never installed by itself</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open its page</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RowActions</name>
    <message>
        <source>All matches as CSV</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All matches as JSON</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy the id</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy the link to the record</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the record in the browser</source>
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
        <source>Asked for</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelling …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy id</source>
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
        <source>Records that were mended or left out</source>
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
        <source>Started by</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Technical details</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Worker</source>
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
        <source>Started</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Started by</source>
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
        <source>Vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Worker</source>
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
        <source>Saved as {0}. Passwords and keys were taken out of it.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SchedulePage</name>
    <message>
        <source>Pause</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The schedule is not known yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting for the program's services</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ScheduleSection</name>
    <message>
        <source>Open the schedule</source>
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
        <source>Updates run by themselves</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ServiceCard</name>
    <message>
        <source>At work: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Process</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Processor</source>
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
        <source>Running for</source>
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
    <name>ServicesCard</name>
    <message>
        <source>Services</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ServicesMenu</name>
    <message>
        <source>Services</source>
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
        <source>Every change is saved at once</source>
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
    <name>SourcesCard</name>
    <message>
        <source>Sources</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SourcesSection</name>
    <message>
        <source>What a source brought stays when it is switched off; it is asked nothing new.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Split</name>
    <message>
        <source>Record below the list</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Record beside the list</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>StackSection</name>
    <message>
        <source>Stop Docker's containers when the program ends</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The environment decides this (OPENTHREAT_STACK, DATABASE_URL or REDIS_URL): change it there.</source>
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
        <source>Nobody has described it yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show all ({0} letters)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vector</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SwitchQuestion</name>
    <message>
        <source>All services start again; an update that runs is continued when you come back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leave it as it is</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Switch to: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The other database has data of its own: where it is empty, it is filled by a first update.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The present data stay {0}, and are there again when you switch back.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TasksPage</name>
    <message>
        <source>Update is running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Update now</source>
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
        <source>Those that were rejected are listed too, and not counted here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>It keeps the data up to date. The icon opens it again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OpenThreat goes on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OpenThreat: stopping …</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TrayMenu</name>
    <message>
        <source>Cancel the update</source>
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
        <source>Start at login</source>
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
        <source>Resume</source>
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
    <name>VendorList</name>
    <message>
        <source>&amp;Watched vendors</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A vendor, for example microsoft</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vendor to watch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Watched vendors</source>
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
        <source>What is listed is what was read before.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>WeekFields</name>
    <message>
        <source>On days of the week</source>
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
    <name>WellCard</name>
    <message>
        <source>What is in order</source>
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
        <source>Left out</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Read</source>
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
    <name>charts</name>
    <message numerus="yes">
        <source>%Ln became known as exploited</source>
        <translation>
            <numerusform>%Ln became known as exploited</numerusform>
            <numerusform>%Ln became known as exploited</numerusform>
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
</context>
<context>
    <name>docker</name>
    <message>
        <source>Docker is running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Docker {0} is running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looking for Docker</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>logs</name>
    <message>
        <source>… {0} came faster than anybody reads, and are left out here …</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>notification</name>
    <message>
        <source>CISA says that attackers use it. You watch its vendor.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Computing the statistics</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>During the quiet hours</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exploited now: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing is installed by itself. The settings lead to its page.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OpenThreat {0} is out</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The clean-up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The test run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The update</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The update is done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} and {1} more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} times since the last notification.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>overview</name>
    <message numerus="yes">
        <source>%Ln exploited vulnerabilit(y|ies) (is|are) new since you last looked</source>
        <translation>
            <numerusform>%Ln exploited vulnerability is new since you last looked</numerusform>
            <numerusform>%Ln exploited vulnerabilities are new since you last looked</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln record(s)</source>
        <translation>
            <numerusform>%Ln record</numerusform>
            <numerusform>%Ln records</numerusform>
        </translation>
    </message>
    <message>
        <source>API</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An update fetches all known vulnerabilities. It takes 10 to 30 minutes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Database</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Due</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything is stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From now on, what becomes known as exploited stands here first</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Id</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It takes 10 to 30 minutes and needs nobody: close the window if you like.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Jobs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looking for what is new</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>More than {0} exploited vulnerabilities are new since you last looked, {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No data yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing can be shown yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing can be told before the program's services run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing new is exploited since {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Priority</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The data stay as they are. Nothing is updated.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The first update is running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The services are starting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There are no vulnerabilities here yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>They take a few seconds. Then everything there is stands here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Title</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updates</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vendor · product</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What stands in the way is said above.</source>
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
        <source>Logs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Overview</source>
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
        <source>Tasks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vulnerabilities</source>
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
    <name>problem</name>
    <message>
        <source>A container does not work</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A port cannot be used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A setting cannot be used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A task is stuck in the queue</source>
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
        <source>Affected: {names}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>After a new version this may take some minutes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All sources are switched off</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An update has nothing to read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another OpenThreat has the port</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check that it runs. Work goes on by itself when it answers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the connection to the Internet. It is tried again every few minutes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the network connection and the proxy settings; the next update tries again by itself.</source>
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
        <source>Docker may not be used by this account</source>
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
        <source>Docker's own window or log may say more.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Downloading PostgreSQL and Redis</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything is stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Free some space, or set OPENTHREAT_HOME to a folder on a larger disk and move the data there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Free some space; `docker system df` shows what Docker keeps. Everything goes on by itself then.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Get it from https://docs.docker.com/get-docker/, or use the built-in database, which needs nothing.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>If it takes longer, look into Docker's own window.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>If it was moved, take the line OPENTHREAT_FOLDER out of the file. If it was copied, delete the file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>If need be it is started again.</source>
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
        <source>It ended {count} times within {minutes} minutes, the last time: {reason}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It holds the password of the database that Docker keeps for this data folder. A new one would not fit.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is handed over again within a minute. If that does not help, restart the worker.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is started again; what it was working on continues.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is tried again with every update; `openthreat update --wait` tries now.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is {difference}. Schedules and the search for news go by it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It ran for {minutes} minutes, the most that a task may take.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its engine does not answer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its engine runs but does not answer questions.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its entry in the schedule is switched off.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its log tells more: {log} in the log folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its process exists, but no heartbeat came from it for {seconds} s.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its tasks wait.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its worker is started again, and the run is marked as failed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its worker is started again; the run is repeated once. `openthreat cancel {run}` stops the task.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Let the system set its clock by the network.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No source could be reached</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No update has filled it yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No update runs by itself</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No worker is running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No worker serves the queue {queue}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing is seen to listen there, yet the system does not give it away.</source>
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
        <source>Nothing listens there, yet the system does not give it away.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing runs by itself</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing runs by itself until then.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OPENTHREAT_API_HOST is {host}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On Linux `sudo usermod -aG docker $USER`, on Windows the group docker-users; then log in again.</source>
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
        <source>PostgreSQL and Redis are made for Linux containers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PostgreSQL and Redis are starting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Process {pid} answers on port {port}, and it is not the API of this data folder that was started here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Put the file back, for example from a backup. If what is stored may go (it can be downloaded again), remove it with `docker volume rm {reason}`.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Repair the file, or put it back from a backup.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Restart Docker, or this machine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set OPENTHREAT_API_PORT to another port and start again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set it to 127.0.0.1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start everything with `openthreat up`, or `openthreat worker -Q {queue}`.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start everything with `openthreat up`, or update now.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start everything with `openthreat up`.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start it again; everything goes on by itself then.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start it, or correct {variable}; everything goes on by itself then.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start it; everything goes on by itself then.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start it; what waits is sent then.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop all but one beat.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop that program, or set OPENTHREAT_API_PORT to a free port and start again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop the program and delete the file; it holds no data and is made again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop the program, and restore the database from a backup or remove it: everything is downloaded again then.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Switch on at least one source in the settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>That may take a minute or two.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The API is not running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The API's address is not of this machine</source>
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
        <source>The built-in broker's file is damaged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The clock is wrong</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The data stay as they are. Nothing is updated.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database and the broker stopped with it. Nothing of what was stored is lost.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database answers again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database cannot be reached</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database is being prepared</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database is damaged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database is of a newer version of the program</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database is still empty</source>
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
        <source>The disk that Docker uses is full</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The images cannot be downloaded</source>
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
        <source>The program's own API is not answering</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The schedule is kept more than once</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The schedule is paused until {until}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The service that starts what is due (beat) is not running.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The settings file was damaged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The system refuses access to Docker's engine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The update works again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Their containers run but do not answer yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no docker program on this machine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is room on the disk again</source>
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
        <source>This is done once and may take some minutes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Update Docker Desktop, or install the package docker-compose-plugin.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use other ports, or stop that program or container (`docker ps` shows containers).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use other ports, or stop the program that has it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use other ports. `netsh int ipv4 show excludedportrange protocol=tcp` shows the ports that Windows reserves.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>`docker compose` is not known to this docker program.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it is resumed</source>
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
        <source>{address} does not answer ({reason}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{advice}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{holder} listens there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{names}. Each entry still starts once.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{reason}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{reason} What was known before stays.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{room} are free where the data are ({folder}).</source>
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
        <source>{service} cannot be started</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{service} cannot run like this</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{service} ended unexpectedly</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{service} gives no sign of life</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{service} keeps failing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{service} runs again</source>
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
</context>
<context>
    <name>progress</name>
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
        <source>Cancel the download</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Download the images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the data folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the schedule</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Restart</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the log</source>
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
</context>
<context>
    <name>runs</name>
    <message>
        <source>Not read: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} changed</source>
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
        <source>Next update {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The next update is being planned</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The next update is due now</source>
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
        <source>A worker that somebody else started on {0}; takes jobs from: {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another program started it: it is used, and left alone</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Answers these windows and other programs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything is stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything runs, but not well</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keeps the data and the waiting jobs, in files of the data folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keeps the data and the waiting jobs, on servers of your own</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keeps the data and the waiting jobs: PostgreSQL and Redis in Docker</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runs the small jobs: statistics, cleaning up, tests</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Somebody else started it on {0}; starts the jobs on schedule, each only once</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting: {0} of {1} services run so far</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starts again in {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starts the jobs on schedule</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updates the database from the sources</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waits for what it needs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} of {1} services gave up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} of {1} services run</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>settings</name>
    <message>
        <source>A key is kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Appearance and start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As the system</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CISA: what is known to be exploited, and until when to act</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Data and stack</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EPSS: how likely each is to be exploited in the next 30 days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EUVD: the European Union's vulnerability database</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looking for new versions is not set up in this build.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>MITRE: the CVE records themselves, as their publishers wrote them</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NVD: scores and affected products, from the United States' NIST</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No key: NVD is asked slowly</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved. Everything starts again with the other database.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved. The service that cleans up starts again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved. The services that read the sources start again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Schedule</source>
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
        <source>The environment has a key</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file .env has a key</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no newer one, as of {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This is version {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Version of the program</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Version {0} is out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Whether there is a newer one could not be found out; it is tried again by itself.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>stack</name>
    <message>
        <source>Built in</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Docker</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything is kept in files of the data folder. Needs nothing else; right for one computer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PostgreSQL and Redis in containers that the program starts and stops. Needs Docker.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PostgreSQL and Redis that a team runs. Set DATABASE_URL and REDIS_URL in the environment, or in the file .env of the data folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Servers of your own</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>in Docker's volumes</source>
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
        <source>By hand</source>
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
        <source>Clean up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Critical</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done in part</source>
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
        <source>Gave up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Good to know</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>High</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last try failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Low</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Medium</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>None</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not yet</source>
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
        <source>Paused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Problem</source>
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
        <source>Starts again</source>
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
        <source>Test run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tried again</source>
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
        <source>Update by hand</source>
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
        <source>Worth a look</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>tasks</name>
    <message>
        <source>An update is running already</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An update is waiting for its turn</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The last update failed {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The last update succeeded in part {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The last update succeeded {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The last update was cancelled {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The last update was {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The program's services are not ready yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The update is being cancelled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There has been no update yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This version does not know the task</source>
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
        <source>Waiting for the program's services</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} records</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>tray</name>
    <message>
        <source>All is well</source>
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
        <source>No update starts by itself</source>
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
        <source>Starting …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updating …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updating: {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>vulnerabilities</name>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies) match(es|)</source>
        <translation>
            <numerusform>%Ln vulnerability matches</numerusform>
            <numerusform>%Ln vulnerabilities match</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln vulnerabilit(y|ies), rejected ones included</source>
        <translation>
            <numerusform>%Ln vulnerability, rejected ones included</numerusform>
            <numerusform>%Ln vulnerabilities, rejected ones included</numerusform>
        </translation>
    </message>
    <message>
        <source>CVSS</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CVSS at least {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Clear all filters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EPSS</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Id</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is tried again every few seconds.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Known as exploited since {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looking up the vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Modified</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No vulnerabilities yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No vulnerability fits all that you look for.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing matches</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Priority</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Priority at least {0}</source>
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
        <source>Published from {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Published up to {0}</source>
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
        <source>Text: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The first update is running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The vulnerabilities cannot be read now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>They appear here when it has read all sources.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>They come with the first update.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Title</source>
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
        <source>{0}+ match</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>vulnerability</name>
    <message>
        <source>Affected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Also known as</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CISA, assessment (SSVC)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CISA, known exploited vulnerabilities</source>
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
        <source>Description</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Due</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EPSS</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EU, known exploited vulnerabilities</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>EUVD</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exploitation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exploitation seen</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exploited, says the EU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Here since</source>
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
        <source>Modified</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Notes by CISA</source>
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
        <source>Required action</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Severity</source>
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
        <source>Vendors</source>
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
        <source>exploited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>more than {0} of all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no exploitation seen</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no use in campaigns known</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>used in campaigns</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>yes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} (not vulnerable itself)</source>
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
        <source>{0} likely to be exploited within 30 days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} on {1}</source>
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
        <source>{0}: {1} since {2}</source>
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
        <source>{0} d {1} h</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} h</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} h {1} min</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} min</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} min {1} s</source>
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
