namespace UsageTracking.Jobs;

/// <summary>
/// A user's crontab as text. An entry made here is a comment with its mark and the line after it; every other line stays as
/// it is.
/// </summary>
internal static class CronTable
{
    public const string Scheduler = "cron";

    // Debian's cron refuses a table with a longer command, and with it every other entry.
    private const int LongestCommand = 990;

    private const string Comment = "# ";
    private const string Own = " -NoProfile -NonInteractive -Command ";

    /// <summary>The two lines of a job.</summary>
    /// <exception cref="UsageException"><c>InvalidJob</c>: cron takes no command so long.</exception>
    public static string Entry(UsageJob job)
    {
        string command = string.Join(' ', [Quote(job.Program), .. job.Arguments.Select(a => a.StartsWith('-') ? a : Quote(a))]);
        // To cron a bare percent sign ends the line.
        command = command.Replace("%", @"\%", StringComparison.Ordinal);
        if (System.Text.Encoding.UTF8.GetByteCount(command) > LongestCommand)
            throw UsageException.Invalid("InvalidJob", $"The command would be longer than cron takes, {LongestCommand} bytes. Use shorter paths, or put the action into a script file.", job.Name);

        return $"{Comment}{job.Mark}\n{Times(job.Schedule)} {command}\n";
    }

    /// <summary>The table with the job in place of any of its name.</summary>
    public static string Put(string table, UsageJob job)
    {
        string rest = Remove(table, job.Name);
        return (rest.Length == 0 || rest.EndsWith('\n') ? rest : rest + "\n") + Entry(job);
    }

    /// <summary>The table without the job.</summary>
    public static string Remove(string table, string name)
    {
        string[] lines = table.Split('\n');
        var kept = new List<string>(lines.Length);
        for (int i = 0; i < lines.Length; i++)
        {
            if (At(lines, i) is { } job && job.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                i++;
            else
                kept.Add(lines[i]);
        }

        return string.Join('\n', kept);
    }

    /// <summary>The jobs in the table.</summary>
    public static IReadOnlyList<RegisteredJob> Read(string table)
    {
        string[] lines = table.Split('\n');
        return [.. lines.Select((_, i) => At(lines, i)).OfType<RegisteredJob>()];
    }

    // Where somebody took the line away and left the comment, the next line is somebody else's.
    private static RegisteredJob? At(string[] lines, int index) =>
        lines[index].StartsWith(Comment, StringComparison.Ordinal) && index + 1 < lines.Length && lines[index + 1].Contains(Own, StringComparison.Ordinal)
            && !lines[index + 1].StartsWith('#')
            ? UsageJob.ReadMark(lines[index][Comment.Length..].TrimEnd(), Scheduler, Command(lines[index + 1]))
            : null;

    private static string Command(string line) => line.Split(' ', 6)[^1].Replace(@"\%", "%", StringComparison.Ordinal);

    private static string Times(JobSchedule schedule) => schedule.Rhythm switch
    {
        JobRhythm.Interval when schedule.Minutes > 0 => $"*/{schedule.Minutes} * * * *",
        JobRhythm.Interval => $"0 */{schedule.Hours} * * *",
        JobRhythm.Daily => $"{schedule.At.Minute} {schedule.At.Hour} * * *",
        JobRhythm.Weekly => $"{schedule.At.Minute} {schedule.At.Hour} * * 1",
        _ => $"{schedule.At.Minute} {schedule.At.Hour} 1 * *",
    };

    private static string Quote(string text) => "'" + text.Replace("'", @"'\''", StringComparison.Ordinal) + "'";
}
