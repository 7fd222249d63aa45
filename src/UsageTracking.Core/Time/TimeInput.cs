using System.Globalization;
using System.Text.RegularExpressions;

namespace UsageTracking.Time;

/// <summary>
/// A point or a stretch of time as a user names it: an instant, a local clock time, or a whole day, month or year.
/// It gets its meaning once the zone is known.
/// </summary>
public readonly partial record struct TimeInput
{
    private enum Form
    {
        Instant,
        Local,
        Day,
        Month,
        Year,
    }

    private readonly Form _form;
    private readonly DateTime _local;
    private readonly DateTimeOffset _instant;

    private TimeInput(Form form, DateTime local, DateTimeOffset instant)
    {
        _form = form;
        _local = local;
        _instant = instant;
    }

    /// <summary>Reads a <see cref="DateTimeOffset"/>, <see cref="DateTime"/>, <see cref="DateOnly"/> or text.</summary>
    /// <exception cref="UsageException"><c>InvalidTimestamp</c>: nothing of these, or text in no known form.</exception>
    public static TimeInput From(object? value) => value switch
    {
        TimeInput input => input,
        DateTimeOffset instant => At(instant),
        DateTime { Kind: DateTimeKind.Utc } utc => At(new DateTimeOffset(utc)),
        DateTime { Kind: DateTimeKind.Local } local => At(new DateTimeOffset(local)),
        DateTime unspecified => new TimeInput(Form.Local, unspecified, default),
        DateOnly day => new TimeInput(Form.Day, day.ToDateTime(TimeOnly.MinValue), default),
        string text => Parse(text),
        null => throw Unreadable("null"),
        _ => throw Unreadable($"'{Convert.ToString(value, CultureInfo.InvariantCulture)}' ({value.GetType().Name})"),
    };

    /// <summary>An exact instant.</summary>
    public static TimeInput At(DateTimeOffset instant) => new(Form.Instant, default, instant);

    /// <summary>Reads ISO 8601 text: a year, a month, a day, or a day and a time, with or without an offset.</summary>
    /// <exception cref="UsageException"><c>InvalidTimestamp</c>: in another form, or no such date.</exception>
    public static TimeInput Parse(string text)
    {
        Match match = Iso8601().Match(text);
        if (!match.Success)
            throw Unreadable($"'{text}'");

        int Part(string name, int absent) =>
            match.Groups[name].Success ? int.Parse(match.Groups[name].ValueSpan, CultureInfo.InvariantCulture) : absent;

        try
        {
            var local = new DateTime(
                Part("year", 1), Part("month", 1), Part("day", 1), Part("hour", 0), Part("minute", 0), Part("second", 0), DateTimeKind.Unspecified);
            if (match.Groups["fraction"].Success)
                local = local.AddTicks(long.Parse(match.Groups["fraction"].Value.PadRight(7, '0')[..7], CultureInfo.InvariantCulture));

            Form form = match.Groups["hour"].Success ? Form.Local
                : match.Groups["day"].Success ? Form.Day
                : match.Groups["month"].Success ? Form.Month
                : Form.Year;
            return match.Groups["offset"].Success
                ? At(new DateTimeOffset(local, Offset(match)))
                : new TimeInput(form, local, default);
        }
        catch (ArgumentOutOfRangeException cause)
        {
            throw Unreadable($"'{text}'", cause);
        }

        TimeSpan Offset(Match iso) => iso.Groups["offset"].Value is "Z" or "z"
            ? TimeSpan.Zero
            : new TimeSpan(Part("oh", 0), Part("om", 0), 0) * (iso.Groups["sign"].Value == "-" ? -1 : 1);
    }

    /// <summary>The instant meant: for a day, month or year its first.</summary>
    /// <exception cref="UsageException"><c>InvalidTimestamp</c>: a clock time that the zone skips.</exception>
    public DateTimeOffset Start(TimeZoneInfo zone) => _form switch
    {
        Form.Instant => _instant,
        Form.Local => Zones.ToInstant(_local, zone),
        _ => Zones.FirstInstant(_local, zone),
    };

    /// <summary>The exclusive end meant: for a day, month or year the first instant after it.</summary>
    /// <exception cref="UsageException"><c>InvalidTimestamp</c>: a clock time that the zone skips.</exception>
    public DateTimeOffset End(TimeZoneInfo zone) => _form switch
    {
        Form.Day => Zones.FirstInstant(_local.AddDays(1), zone),
        Form.Month => Zones.FirstInstant(_local.AddMonths(1), zone),
        Form.Year => Zones.FirstInstant(_local.AddYears(1), zone),
        _ => Start(zone),
    };

    private static UsageException Unreadable(string what, Exception? cause = null) => UsageException.Invalid(
        "InvalidTimestamp",
        $"{what} is no date or time. Use ISO 8601, such as '2026-01-30', '2026-01', '2026-01-30 16:45:23' or '2026-01-30T16:45:23+01:00', or a DateTime, DateTimeOffset or DateOnly.",
        what, cause);

    [GeneratedRegex(
        """
        ^\s*(?<year>\d{4})
        (?:-(?<month>\d{2})
        (?:-(?<day>\d{2})
        (?:[Tt\ ](?<hour>\d{2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.](?<fraction>\d{1,9}))?)?
        \ ?(?<offset>[Zz]|(?<sign>[+-])(?<oh>\d{2})(?::?(?<om>\d{2}))?)?)?)?)?\s*$
        """,
        RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex Iso8601();
}
