using System.Globalization;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Output;

/// <summary>Numbers and notes as the format views show them. The objects keep every digit.</summary>
public static class Display
{
    private const int BarWidth = 20;

    private static readonly (decimal Size, string Suffix)[] Sizes = [(1e3m, "K"), (1e6m, "M"), (1e9m, "G"), (1e12m, "T")];

    /// <summary>What a table says of a record beside its figures: its metadata, or what it corrects and why.</summary>
    public static string Note(UsageRecordInfo record) =>
        record.CorrectsId is { } id ? FormattableString.Invariant($"takes back {id}: {record.Reason}")
        : record.CorrectedBy is not null ? record.Reason ?? ""
        : record.IsUndone ? $"(undone) {record.Metadata}"
        : record.Metadata.ToString();

    /// <summary>A quantity with K, M, G or T from a thousand on: 1.25M, 45.6K, 0.000488, 9.31e-5.</summary>
    public static string Quantity(decimal? value)
    {
        if (value is not { } number)
            return "";

        decimal size = 1;
        string suffix = "";
        foreach ((decimal next, string nextSuffix) in Sizes)
        {
            // What would be shown as a thousand of one size is one of the next.
            if (Math.Round(Math.Abs(number) / size, 2) < 1000)
                break;

            (size, suffix) = (next, nextSuffix);
        }

        return Plain(number / size) + suffix;
    }

    /// <summary>Money: cents, and below a cent as many digits as it takes to see it.</summary>
    public static string Money(decimal value)
    {
        string sign = value < 0 ? "-" : "";
        decimal amount = Math.Abs(value);
        string digits = amount is > 0 and < 0.01m
            ? Small(amount)
            : amount.ToString("N2", CultureInfo.InvariantCulture);
        return $"{sign}${digits}";
    }

    /// <summary>A change in percent with its sign and one decimal: +12.5%, -3%, 0%.</summary>
    public static string Change(decimal? percent) =>
        percent is { } change ? Math.Round(change, 1).ToString("+#,0.#'%';-#,0.#'%';0'%'", CultureInfo.InvariantCulture) : "";

    /// <summary>A limit: a quantity, or that there is none.</summary>
    public static string Limit(decimal value) => value < 0 ? "any" : Quantity(value);

    /// <summary>A percentage with one decimal, rounded down, so that what is not reached does not look so: 99.9%.</summary>
    public static string Percent(decimal? value) =>
        value is { } percent ? (Math.Floor(percent * 10) / 10).ToString("0.#'%'", CultureInfo.InvariantCulture) : "";

    /// <summary>What is left of a quota: three decimals, and K, M, G or T from ten thousand on.</summary>
    public static string Balance(decimal? value) =>
        value is not { } left ? "" : Math.Abs(left) < 10_000 ? left.ToString("0.000", CultureInfo.InvariantCulture) : Quantity(left);

    /// <summary>The same with its sign.</summary>
    public static string Difference(decimal? value) => value > 0 ? "+" + Balance(value) : Balance(value);

    /// <summary>The day of a time, by the clocks that it is given in.</summary>
    public static string Day(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";

    /// <summary>A bound of a range: the day where it is a midnight, else the time too.</summary>
    public static string Moment(DateTimeOffset time) =>
        time.ToString(time.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>A period by its first instant, as exact as its kind needs: an hour with its offset, a day, a month.</summary>
    public static string Period(DateTimeOffset start, PeriodKind kind) => start.ToString(
        kind switch
        {
            PeriodKind.Hourly => "yyyy-MM-dd HH:mm zzz",
            PeriodKind.Monthly => "yyyy-MM",
            _ => "yyyy-MM-dd",
        },
        CultureInfo.InvariantCulture);

    /// <summary>A bar for a share of 0 to 1, exact to an eighth of a character; what is more than nothing shows.</summary>
    public static string Bar(decimal share)
    {
        const string Eighths = " ▏▎▍▌▋▊▉";
        int length = (int)Math.Round(Math.Clamp(share, 0, 1) * BarWidth * 8);
        if (length == 0 && share > 0)
            length = 1;

        string end = length % 8 == 0 ? "" : Eighths[length % 8].ToString();
        return new string('█', length / 8) + end;
    }

    // Whole numbers whole, others with at most two decimals above one and three significant digits below.
    private static string Plain(decimal number)
    {
        if (number == 0 || Math.Abs(number) >= 1)
            return number.ToString("0.##", CultureInfo.InvariantCulture);

        return Math.Abs(number) < 0.0001m ? number.ToString("0.##e-0", CultureInfo.InvariantCulture) : Small(number);
    }

    private static string Small(decimal number)
    {
        int leadingZeros = (int)Math.Floor(-Math.Log10((double)Math.Abs(number)));
        return Math.Round(number, Math.Min(leadingZeros + 3, 28)).ToString("0.############################", CultureInfo.InvariantCulture);
    }
}
