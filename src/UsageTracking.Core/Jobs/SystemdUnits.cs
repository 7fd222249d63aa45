using System.Globalization;

namespace UsageTracking.Jobs;

/// <summary>The two files of a systemd timer: when, and what.</summary>
internal static class SystemdUnits
{
    public const string Scheduler = "systemd";

    private const string DescriptionKey = "Description=";
    private const string CommandKey = "ExecStart=";

    public static string Service(UsageJob job) => $"""
        [Unit]
        {DescriptionKey}{job.Mark}

        [Service]
        Type=oneshot
        {CommandKey}{string.Join(' ', [Quote(job.Program), .. job.Arguments.Select(a => a.StartsWith('-') ? a : Quote(a))])}

        """.ReplaceLineEndings("\n");

    public static string Timer(UsageJob job) => $"""
        [Unit]
        {DescriptionKey}{job.Mark}

        [Timer]
        OnCalendar={Calendar(job.Schedule)}
        Persistent=true

        [Install]
        WantedBy=timers.target

        """.ReplaceLineEndings("\n");

    /// <summary>The job of a service's file; null where it is none of ours.</summary>
    public static RegisteredJob? Read(string service)
    {
        string[] lines = service.Split('\n');
        return Value(lines, DescriptionKey) is { } mark ? UsageJob.ReadMark(mark, Scheduler, Value(lines, CommandKey) ?? "") : null;
    }

    private static string? Value(string[] lines, string key) =>
        lines.FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal))?[key.Length..].TrimEnd();

    private static string Calendar(JobSchedule schedule)
    {
        string at = schedule.At.ToString("HH:mm:00", CultureInfo.InvariantCulture);
        return schedule.Rhythm switch
        {
            JobRhythm.Interval when schedule.Minutes > 0 => $"*-*-* *:0/{schedule.Minutes}:00",
            JobRhythm.Interval => $"*-*-* 0/{schedule.Hours}:00:00",
            JobRhythm.Daily => $"*-*-* {at}",
            JobRhythm.Weekly => $"Mon *-*-* {at}",
            _ => $"*-*-01 {at}",
        };
    }

    // https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#Command%20lines
    private static string Quote(string text) => "\"" + text
        .Replace(@"\", @"\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("%", "%%", StringComparison.Ordinal)
        .Replace("$", "$$", StringComparison.Ordinal) + "\"";
}
