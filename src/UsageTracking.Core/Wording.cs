namespace UsageTracking;

/// <summary>Small things that make messages read well.</summary>
public static class Wording
{
    /// <summary>A number and what it counts: 1 record, 2,000 records.</summary>
    public static string Count(long number, string noun) => FormattableString.Invariant($"{number:N0} {noun}{(number == 1 ? "" : "s")}");
}
