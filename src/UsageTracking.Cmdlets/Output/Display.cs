using System.Globalization;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Output;

/// <summary>Numbers and notes as the format views show them. The objects keep every digit.</summary>
public static class Display
{
    private const int BarWidth = 20;

    /// <summary>What a table says of a record beside its figures: its metadata, or what it corrects and why.</summary>
    public static string Note(UsageRecordInfo record) =>
        record.CorrectsId is { } id ? FormattableString.Invariant($"takes back {id}: {record.Reason}")
        : record.CorrectedBy is not null ? record.Reason ?? ""
        : record.IsUndone ? $"(undone) {record.Metadata}"
        : record.Metadata.ToString();

    /// <inheritdoc cref="FigureText.Quantity"/>
    public static string Quantity(decimal? value) => FigureText.Quantity(value);

    /// <summary>Money: cents, and below a cent as many digits as it takes to see it.</summary>
    public static string Money(decimal value)
    {
        string sign = value < 0 ? "-" : "";
        decimal amount = Math.Abs(value);
        string digits = amount is > 0 and < 0.01m
            ? FigureText.Small(amount)
            : amount.ToString("N2", CultureInfo.InvariantCulture);
        return $"{sign}${digits}";
    }

    /// <summary>A change in percent with its sign and one decimal: +12.5%, -3%, 0%.</summary>
    public static string Change(decimal? percent) =>
        percent is { } change ? Math.Round(change, 1).ToString("+#,0.#'%';-#,0.#'%';0'%'", CultureInfo.InvariantCulture) : "";

    /// <summary>A limit: a quantity, or that there is none.</summary>
    public static string Limit(decimal value) => value < 0 ? "any" : Quantity(value);

    /// <inheritdoc cref="FigureText.Percent"/>
    public static string Percent(decimal? value) => FigureText.Percent(value);

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

    /// <summary>A bar for a share of 0 to 1.</summary>
    public static string Bar(decimal share) => FigureText.Bar(share, BarWidth);
}
