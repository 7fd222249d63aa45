namespace UsageTracking.Health;

/// <summary>One thing that was looked at.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Ok">Whether it is as it should be.</param>
/// <param name="Found">What was found.</param>
/// <param name="Fix">The command that mends it, or that shows what to mend; null where it is as it should be.</param>
public sealed record UsageHealth(string Check, bool Ok, string Found, string? Fix)
{
    internal static UsageHealth Good(string check, string found) => new(check, true, found, null);

    internal static UsageHealth Bad(string check, string found, string fix) => new(check, false, found, fix);
}
