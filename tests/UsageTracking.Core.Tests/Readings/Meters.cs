using System.Globalization;
using UsageTracking.Readings;
using UsageTracking.Stores;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Readings;

/// <summary>Short ways to write readings down, and what follows from them. Times are '3 12:30' (June 2026, in UTC), or '7-3 12:30' in another month.</summary>
internal static class Meters
{
    public static DateTimeOffset At(string time)
    {
        string[] parts = time.Split(' ');
        int[] date = [.. parts[0].Split('-').Select(Number)];
        DateTimeOffset day = date.Length == 1 ? Utc(2026, 6, date[0]) : Utc(2026, date[0], date[1]);
        return parts.Length == 1 ? day : day + TimeSpan.Parse(parts[1], CultureInfo.InvariantCulture);

        static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
    }

    public static StoredReading Left(string time, decimal value, string meter = "a") => new(meter, ReadingKind.Remaining, At(time), value);

    public static StoredReading Total(string time, decimal value, string meter = "a") => new(meter, ReadingKind.Total, At(time), value);

    /// <summary>A calendar month of 2026.</summary>
    public static ReadingPeriod Month(int month, decimal limit, params ManualAllowance[] allowances) =>
        new(Utc(2026, month, 1), Utc(2026, month, 1).AddMonths(1), limit) { Allowances = allowances };

    public static ManualAllowance TopUp(string time, decimal amount) => new(At(time), amount);

    /// <summary>Each as 'a Opening 40' or 'a Allowance +50', by time and meter.</summary>
    public static IEnumerable<string> Text(this IEnumerable<DerivedReading> derived) => derived
        .OrderBy(d => d.Reading.ReadAt).ThenBy(d => d.Reading.Meter, StringComparer.Ordinal)
        .Select(d => string.Create(CultureInfo.InvariantCulture, $"{d.Reading.Meter} {d.Interpretation} {d.Reading.Usage}{(d.Reading.Allowance == 0 ? "" : $" +{d.Reading.Allowance}")}"));
}
