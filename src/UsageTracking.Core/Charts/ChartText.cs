using System.Globalization;
using System.Text;
using UsageTracking.Time;

namespace UsageTracking.Charts;

/// <summary>The words and figures of a chart, alike on everything it is drawn on.</summary>
internal static class ChartText
{
    /// <summary>
    /// A text that can do no harm: what controls a terminal or the direction of writing, or what XML cannot carry, is replaced.
    /// Customers, services, units and metadata are whatever somebody typed.
    /// </summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            // The two joiners only shape the letters and pictures beside them.
            bool isBad = rune.Value is not (0x200c or 0x200d) && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control
                or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned;
            clean.Append(isBad ? Rune.IsWhiteSpace(rune) ? " " : "\ufffd" : rune.ToString());
        }

        return clean.ToString();
    }

    /// <summary>A value with at most three decimals, and below one with three digits that count.</summary>
    public static string Number(decimal value)
    {
        decimal size = Math.Abs(value);
        if (size is 0 or >= 1)
            return value.ToString("#,0.###", CultureInfo.InvariantCulture);

        if (size < 0.0001m)
            return value.ToString("0.##e-0", CultureInfo.InvariantCulture);

        int zeros = (int)Math.Floor(-Math.Log10((double)size));
        return Math.Round(value, zeros + 3).ToString("0.#######", CultureInfo.InvariantCulture);
    }

    /// <summary>A value and its unit.</summary>
    public static string Amount(decimal value, string unit) => $"{Number(value)} {unit}".TrimEnd();

    /// <summary>What a slot is called in a table or a tip.</summary>
    public static string Name(ChartSlot slot, PeriodKind kind) => kind switch
    {
        PeriodKind.Hourly => Format(slot.Start, "ddd d MMM yyyy HH:mm zzz"),
        PeriodKind.Weekly => Format(slot.Start, "'week of 'd MMM yyyy"),
        PeriodKind.Monthly => Format(slot.Start, "MMMM yyyy"),
        _ => Format(slot.Start, "ddd d MMM yyyy"),
    };

    /// <summary>From the first day to the last, or the whole month.</summary>
    public static string Range(DateTimeOffset start, DateTimeOffset end, PeriodKind kind)
    {
        DateTimeOffset last = end.AddTicks(-1);
        if (start.Date == last.Date)
            return Format(start, "d MMMM yyyy");

        if (kind == PeriodKind.Hourly && end - start <= TimeSpan.FromHours(36))
            return $"{Format(start, "d MMM yyyy HH:mm")} to {Format(end, "d MMM yyyy HH:mm")}";

        if (start.Day == 1 && end.Day == 1 && start.TimeOfDay == TimeSpan.Zero && (start.Year, start.Month) == (last.Year, last.Month))
            return Format(start, "MMMM yyyy");

        if (kind == PeriodKind.Monthly)
            return $"{Format(start, "MMMM yyyy")} to {Format(last, "MMMM yyyy")}";

        string first = (start.Year == last.Year, start.Month == last.Month) switch
        {
            (true, true) => "%d",
            (true, false) => "d MMMM",
            _ => "d MMMM yyyy",
        };
        return $"{Format(start, first)} to {Format(last, "d MMMM yyyy")}";
    }

    /// <summary>Why a slot is paler than the others.</summary>
    public static string Partial(Chart chart) =>
        chart.Now is { } now ? $"as of {Moment(now)}" : $"part of {(chart.Kind == PeriodKind.Hourly ? "an" : "a")} {Word(chart.Kind).ToLowerInvariant()}";

    /// <summary>An instant by the day and the minute.</summary>
    public static string Moment(DateTimeOffset at) => Format(at, "d MMM HH:mm");

    /// <summary>The word for one slot: the head of a table's first column.</summary>
    public static string Word(PeriodKind kind) => kind switch
    {
        PeriodKind.Hourly => "Hour",
        PeriodKind.Weekly => "Week",
        PeriodKind.Monthly => "Month",
        _ => "Day",
    };

    public static string Format(DateTimeOffset at, string format) => at.ToString(format, CultureInfo.InvariantCulture);
}
