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

    /// <summary>Reads a <see cref="DateTimeOffset"/>, <see cref="DateTime"/>, <see cref="DateOnly"/>, text, or a whole number that is a year.</summary>
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
        // A bare 2026 on a command line is a number before it gets here.
        int or long when Convert.ToInt64(value, CultureInfo.InvariantCulture) is >= 1900 and <= 9999 and long year =>
            new TimeInput(Form.Year, new DateTime((int)year, 1, 1), default),
        null => throw Unreadable("null", null),
        _ => throw Unreadable($"'{Convert.ToString(value, CultureInfo.InvariantCulture)}' ({value.GetType().Name})", value),
    };

    /// <summary>An exact instant.</summary>
    public static TimeInput At(DateTimeOffset instant) => new(Form.Instant, default, instant);

    /// <summary>Reads ISO 8601 text: a year, a month, a day, or a day and a time, with or without an offset.</summary>
    /// <exception cref="UsageException"><c>InvalidTimestamp</c>: in another form, or no such date.</exception>
    public static TimeInput Parse(string text)
    {
        Match match = Iso8601().Match(text);
        if (!match.Success)
            throw Unreadable($"'{text}'", text);

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
            throw Unreadable($"'{text}'", text, cause);
        }

        TimeSpan Offset(Match iso) => iso.Groups["offset"].Value is "Z" or "z"
            ? TimeSpan.Zero
            : new TimeSpan(Part("oh", 0), Part("om", 0), 0) * (iso.Groups["sign"].Value == "-" ? -1 : 1);
    }

    /// <summary>Reads the forms that files are full of, <c>2026-01-30 16:45:23</c> with a T or a fraction or a Z, and leaves all others to <see cref="Parse"/>.</summary>
    internal static bool TryParseUtf8(ReadOnlySpan<byte> text, out TimeInput input)
    {
        input = default;
        bool isUtc = text is [.., (byte)'Z'];
        if (isUtc)
            text = text[..^1];

        if (text.Length < 19 || text[4] != '-' || text[7] != '-' || text[10] is not ((byte)' ' or (byte)'T') || text[13] != ':' || text[16] != ':'
            || (text.Length > 19 && (text[19] != '.' || text.Length is 20 or > 27)))
        {
            return false;
        }

        int year = Digits(text[..4]), month = Digits(text[5..7]), day = Digits(text[8..10]);
        int hour = Digits(text[11..13]), minute = Digits(text[14..16]), second = Digits(text[17..19]);
        int fraction = text.Length > 19 ? Digits(text[20..]) : 0;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59 || fraction < 0)
        {
            return false;
        }

        for (int i = text.Length; i is > 19 and < 27; i++)
            fraction *= 10;

        DateTime local = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Unspecified).AddTicks(fraction);
        input = isUtc ? At(new DateTimeOffset(local, TimeSpan.Zero)) : new TimeInput(Form.Local, local, default);
        return true;
    }

    /// <summary>The instant meant: for a day, month or year its first.</summary>
    /// <exception cref="UsageException"><c>InvalidTimestamp</c>: a clock time that the zone skips.</exception>
    public DateTimeOffset Start(TimeZoneInfo zone) => _form switch
    {
        Form.Instant => _instant,
        _ when EdgeOfCalendar is { } edge => edge,
        Form.Local => Zones.ToInstant(_local, zone),
        _ => Zones.FirstInstant(_local, zone),
    };

    /// <summary>The exclusive end meant: for a day, month or year the first instant after it.</summary>
    /// <exception cref="UsageException"><c>InvalidTimestamp</c>: a clock time that the zone skips.</exception>
    public DateTimeOffset End(TimeZoneInfo zone) => _form switch
    {
        Form.Instant or Form.Local => Start(zone),
        _ when EdgeOfCalendar is { } edge => edge,
        Form.Day => Zones.FirstInstant(_local.AddDays(1), zone),
        Form.Month => Zones.FirstInstant(_local.AddMonths(1), zone),
        _ => Zones.FirstInstant(_local.AddYears(1), zone),
    };

    // The first and the last year leave no room for offsets and have no records; 9999-12-31 is what many write for "no end".
    private DateTimeOffset? EdgeOfCalendar => _local.Year switch
    {
        1 => DateTimeOffset.MinValue,
        9999 => TimeRange.Everything.End,
        _ => null,
    };

    // At most seven of them; -1 where there is anything else.
    private static int Digits(ReadOnlySpan<byte> text)
    {
        int number = 0;
        foreach (byte digit in text)
        {
            if (!char.IsAsciiDigit((char)digit))
                return -1;

            number = (10 * number) + (digit - '0');
        }

        return number;
    }

    private static UsageException Unreadable(string what, object? value, Exception? cause = null) => UsageException.Invalid(
        "InvalidTimestamp",
        $"{what} is no date or time. Use ISO 8601, such as '2026-01-30', '2026-01', '2026-01-30 16:45:23' or '2026-01-30T16:45:23+01:00', or a DateTime, DateTimeOffset or DateOnly.",
        value, cause);

    [GeneratedRegex(
        """
        ^\s*(?<year>[0-9]{4})
        (?:-(?<month>[0-9]{2})
        (?:-(?<day>[0-9]{2})
        (?:[Tt\ ](?<hour>[0-9]{2}):(?<minute>[0-9]{2})(?::(?<second>[0-9]{2})(?:[.](?<fraction>[0-9]{1,9}))?)?
        \ ?(?<offset>[Zz]|(?<sign>[+-])(?<oh>[0-9]{2})(?::?(?<om>[0-5][0-9]))?)?)?)?)?\s*$
        """,
        RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex Iso8601();
}
