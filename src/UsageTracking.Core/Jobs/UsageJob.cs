using System.Text.RegularExpressions;

namespace UsageTracking.Jobs;

/// <summary>Something that is to be done from time to time.</summary>
public sealed partial record UsageJob
{
    private const string MarkPrefix = "UsageTracking job ";

    /// <summary>Its name; whatever its case, there is one job of a name.</summary>
    public required string Name { get; init; }

    /// <summary>What it does.</summary>
    public required JobTask Task { get; init; }

    /// <summary>When it does it.</summary>
    public required JobSchedule Schedule { get; init; }

    /// <summary>The full path of PowerShell.</summary>
    public required string Program { get; init; }

    /// <summary>What PowerShell is told to do, in one line.</summary>
    public required string Script { get; init; }

    /// <summary>What the program is called with.</summary>
    internal IReadOnlyList<string> Arguments => ["-NoProfile", "-NonInteractive", "-Command", Script];

    /// <summary>The name as part of a file's.</summary>
    internal string FileName => FileNameOf(Name);

    /// <summary>What marks an entry as made here, and tells what it is: nothing without it is ever touched.</summary>
    internal string Mark => $"{MarkPrefix}{Name}: {Task}, {Schedule}";

    /// <summary>Checks a name.</summary>
    /// <exception cref="UsageException"><c>InvalidJobName</c>.</exception>
    public static string CheckName(string name) => ValidName().IsMatch(name)
        ? name
        : throw UsageException.Invalid("InvalidJobName", $"'{name}' cannot name a job. Use up to 50 letters and digits, with single hyphens or underscores between them.", name);

    internal static string FileNameOf(string name) => "usagetracking-" + name.ToLowerInvariant();

    /// <summary>Reads a mark; null where the text is none.</summary>
    internal static RegisteredJob? ReadMark(string text, string scheduler, string command) =>
        MarkText().Match(text) is { Success: true } match
            && Enum.TryParse(match.Groups["task"].ValueSpan, out JobTask task)
            && JobSchedule.Read(match.Groups["schedule"].Value) is { } schedule
            ? new RegisteredJob(match.Groups["name"].Value, task, schedule, scheduler, command)
            : null;

    // Two hyphens would end an XML comment.
    [GeneratedRegex("^(?=.{1,50}\\z)[A-Za-z0-9]+([-_][A-Za-z0-9]+)*\\z")]
    private static partial Regex ValidName();

    [GeneratedRegex("^" + MarkPrefix + "(?<name>[A-Za-z0-9_-]+): (?<task>[A-Za-z]+), (?<schedule>[a-zA-Z0-9: ]+)\\z")]
    private static partial Regex MarkText();
}
