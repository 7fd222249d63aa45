using System.Globalization;
using System.Text.RegularExpressions;

namespace UsageTracking.Jobs;

/// <summary>How a schedule goes on.</summary>
public enum JobRhythm
{
    /// <summary>Every so many minutes or hours.</summary>
    Interval,

    /// <summary>Once a day.</summary>
    Daily,

    /// <summary>Once a week, on Monday.</summary>
    Weekly,

    /// <summary>Once a month, on its first day.</summary>
    Monthly,
}

/// <summary>When a job runs, by the clock of the computer it runs on.</summary>
public sealed partial record JobSchedule
{
    private const int MinutesPerHour = 60;
    private const int HoursPerDay = 24;

    private JobSchedule(JobRhythm rhythm, TimeSpan interval, TimeOnly at) => (Rhythm, Interval, At) = (rhythm, interval, at);

    /// <summary>How it goes on.</summary>
    public JobRhythm Rhythm { get; }

    /// <summary>Between two runs; zero where it is no interval.</summary>
    public TimeSpan Interval { get; }

    /// <summary>The time of day; midnight where it is an interval.</summary>
    public TimeOnly At { get; }

    /// <summary>The interval in minutes, where it is less than an hour; else 0.</summary>
    internal int Minutes => Interval < TimeSpan.FromHours(1) ? (int)Interval.TotalMinutes : 0;

    /// <summary>The interval in hours, where it is an hour or more; else 0.</summary>
    internal int Hours => (int)Interval.TotalHours;

    /// <summary>When a task runs where nobody says so.</summary>
    public static JobSchedule DefaultOf(JobTask task) => task switch
    {
        JobTask.Flush => new(JobRhythm.Interval, TimeSpan.FromMinutes(5), default),
        JobTask.AlertCheck => new(JobRhythm.Weekly, default, new TimeOnly(9, 0)),
        JobTask.Summary => new(JobRhythm.Daily, default, new TimeOnly(2, 0)),
        JobTask.Archive => new(JobRhythm.Monthly, default, new TimeOnly(3, 0)),
        _ => new(JobRhythm.Daily, default, new TimeOnly(6, 0)),
    };

    /// <summary>A task's schedule, as far as it is given.</summary>
    /// <param name="task">Whose defaults fill the rest.</param>
    /// <param name="every">Daily, Weekly, Monthly, or an interval such as <c>00:05</c>; null for the task's own.</param>
    /// <param name="at">The time of day, such as <c>02:30</c>; null for the task's own.</param>
    /// <exception cref="UsageException"><c>InvalidSchedule</c>.</exception>
    public static JobSchedule From(JobTask task, string? every, string? at)
    {
        JobSchedule usual = DefaultOf(task);
        JobRhythm rhythm = usual.Rhythm;
        TimeSpan interval = usual.Interval;
        if (every is not null)
        {
            bool isNamed = Enum.TryParse(every, ignoreCase: true, out rhythm) && Enum.IsDefined(rhythm) && rhythm != JobRhythm.Interval && !char.IsAsciiDigit(every[0]);
            interval = isNamed ? default : ReadInterval(every);
            rhythm = isNamed ? rhythm : JobRhythm.Interval;
        }
        else if (at is not null && rhythm == JobRhythm.Interval)
        {
            // A time of day alone means each day's.
            (rhythm, interval) = (JobRhythm.Daily, default);
        }

        if (rhythm == JobRhythm.Interval)
            return at is null ? new(rhythm, interval, default) : throw Invalid($"An interval has no time of day: leave '{at}' out, or give Daily, Weekly or Monthly.", at);

        return new(rhythm, default, at is null ? usual.At : ReadTime(at));
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; null where it is no such text.</summary>
    public static JobSchedule? Read(string text)
    {
        if (Text().Match(text) is not { Success: true } match)
            return null;

        if (match.Groups["number"] is { Success: true } number)
        {
            int count = int.Parse(number.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
            return new(JobRhythm.Interval, match.Groups["unit"].Value == "minute" ? TimeSpan.FromMinutes(count) : TimeSpan.FromHours(count), default);
        }

        JobRhythm rhythm = Enum.Parse<JobRhythm>(match.Groups["rhythm"].ValueSpan, ignoreCase: true);
        return TimeOnly.TryParseExact(match.Groups["at"].ValueSpan, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly at)
            ? new(rhythm, default, at)
            : null;
    }

    /// <summary>In words, such as <c>every 5 minutes</c> or <c>daily at 02:00</c>.</summary>
    public override string ToString() => Rhythm switch
    {
        JobRhythm.Interval when Minutes > 0 => "every " + Wording.Count(Minutes, "minute"),
        JobRhythm.Interval => "every " + Wording.Count(Hours, "hour"),
        JobRhythm.Daily => "daily at " + Clock,
        JobRhythm.Weekly => "weekly on Monday at " + Clock,
        _ => "monthly on day 1 at " + Clock,
    };

    private string Clock => At.ToString("HH:mm", CultureInfo.InvariantCulture);

    // Only what divides the hour or the day comes round evenly in every scheduler.
    private static TimeSpan ReadInterval(string text)
    {
        // A number alone would be taken for days.
        if (text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan interval))
        {
            if (interval > TimeSpan.Zero && (Divides(interval, TimeSpan.FromMinutes(1), MinutesPerHour) || Divides(interval, TimeSpan.FromHours(1), HoursPerDay)))
                return interval;
        }

        throw Invalid($"'{text}' is no schedule. Give Daily, Weekly or Monthly, or an interval that divides the hour or the day, such as 00:05, 00:30 or 06:00.", text);
    }

    private static bool Divides(TimeSpan interval, TimeSpan unit, int whole) =>
        interval.Ticks % unit.Ticks == 0 && interval / unit is double count && count < whole && whole % count == 0;

    private static TimeOnly ReadTime(string text) =>
        TimeOnly.TryParseExact(text, ["H:mm", "H:mm:00"], CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly at)
            ? at
            : throw Invalid($"'{text}' is no time of day. Give hours and minutes, such as 02:30.", text);

    private static UsageException Invalid(string message, string target) => UsageException.Invalid("InvalidSchedule", message, target);

    [GeneratedRegex(@"^(every (?<number>\d{1,2}) (?<unit>minute|hour)s?|(?<rhythm>daily|weekly|monthly)( on Monday| on day 1)? at (?<at>\d\d:\d\d))\z")]
    private static partial Regex Text();
}
