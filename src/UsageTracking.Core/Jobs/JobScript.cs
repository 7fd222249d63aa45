using System.Text;

namespace UsageTracking.Jobs;

/// <summary>Writes what PowerShell is told to do. Everything is named in full, since a scheduler knows nothing of the session.</summary>
public sealed record JobScript
{
    // All of these are a quote to PowerShell.
    private const string Quotes = "'\u2018\u2019\u201a\u201b";

    /// <summary>The full path of the module's manifest.</summary>
    public required string ModulePath { get; init; }

    /// <summary>The store.</summary>
    public required JobStore Store { get; init; }

    /// <summary>The folder in which records wait, or <c>none</c>.</summary>
    public required string Spool { get; init; }

    /// <summary>The customer of what names none.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The zone of what names none.</summary>
    public required string TimeZone { get; init; }

    /// <summary>The folder of archives, or the file of the chart.</summary>
    public string? Path { get; init; }

    /// <summary>What is done with each new alert; null writes them out.</summary>
    public string? Action { get; init; }

    /// <summary>The script of a task, in one line.</summary>
    /// <exception cref="UsageException"><c>InvalidJob</c>: the task lacks something, or cannot use what was given.</exception>
    public string Write(JobTask task)
    {
        Check(task);
        string connect = Store switch
        {
            { Path: { } path } => $"Connect-UsageStore -Path {Quote(path)}",
            { ConnectionString: { } text } => $"Connect-UsageStore -ConnectionString {Quote(text)}",
            { Profile: { } profile } => $"Connect-UsageStore -Profile {Quote(profile)}",
            // The user's own file would be a store like any other, and the wrong one.
            _ => "if (-not $env:USAGE_STORE) { throw 'USAGE_STORE is not set where this job runs.' }; Connect-UsageStore",
        };
        string script = string.Join("; ",
            "$ErrorActionPreference = 'Stop'",
            $"$env:USAGE_SPOOL = {Quote(Spool)}",
            $"Import-Module {Quote(ModulePath)}",
            $"{connect} -CustomerId {Quote(CustomerId)} -TimeZone {Quote(TimeZone)}",
            Body(task));
        return script.Any(char.IsControl)
            ? throw Invalid("A scheduler takes one line. Put the action into a script file and call that, and leave line breaks and tabs out of names.")
            : script;
    }

    // What is written is mailed by some schedulers: only alerts are worth it, and errors.
    private string Body(JobTask task) => task switch
    {
        JobTask.Flush => "$null = Invoke-UsageFlush -Timeout 240",
        JobTask.AlertCheck when Action is not null => $"$null = Invoke-UsageAlertCheck -CustomerId * -Action {{ {Action.Trim()} }}",
        JobTask.AlertCheck => "Invoke-UsageAlertCheck -CustomerId *",
        JobTask.Summary => "$null = Update-UsageSummary",
        JobTask.Archive => $"$null = Invoke-UsageArchive -CustomerId * -Path {Quote(Path!)}",
        // It warns on each of a period's first days that there is no projection yet.
        _ => $"$null = Get-UsageBurndown -WarningAction SilentlyContinue | Export-UsageChart -Force -Path {Quote(Path!)}",
    };

    private void Check(JobTask task)
    {
        bool writesFile = task is JobTask.Archive or JobTask.Chart;
        if (writesFile && Path is null)
            throw Invalid($"The task {task} needs -Path: {(task == JobTask.Archive ? "the folder of the archives" : "the file of the chart, .svg or .html")}.");

        if (!writesFile && Path is not null)
            throw Invalid($"The task {task} writes no file. Leave -Path out.");

        if (task != JobTask.AlertCheck && Action is not null)
            throw Invalid($"Only the task {JobTask.AlertCheck} has an action. Leave -Action out.");
    }

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("'");
        foreach (char c in text)
            quoted.Append(c).Append(Quotes.Contains(c, StringComparison.Ordinal) ? c.ToString() : "");

        return quoted.Append('\'').ToString();
    }

    private static UsageException Invalid(string message) => UsageException.Invalid("InvalidJob", message);
}
