namespace UsageTracking.Stores;

/// <summary>
/// The quarter hours that figures count whole although a bound cuts them, since the records that would say more are archived.
/// Readers tell it; whoever began the call warns once.
/// </summary>
public sealed class Widening
{
    private readonly SortedSet<DateTimeOffset> _quarters = [];

    /// <summary>What is to be said; null where every figure is exact.</summary>
    public string? Warning => _quarters.Count switch
    {
        0 => null,
        1 => $"RangeWidened: records of {First} are archived, so all of that quarter hour is counted.",
        _ => $"RangeWidened: records of {Wording.Count(_quarters.Count, "quarter hour")} are archived, so all of each is counted. The first is {First}.",
    };

    private string First => FormattableString.Invariant($"{_quarters.Min:yyyy-MM-dd HH:mm} to {_quarters.Min.AddMinutes(15):HH:mm} UTC");

    internal void Add(DateTimeOffset quarter) => _quarters.Add(quarter);
}
