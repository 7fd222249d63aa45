namespace UsageTracking.Stores;

/// <summary>What a database server says of itself and of the role that asks.</summary>
/// <param name="ClockOffset">How far its clock is ahead of this machine's.</param>
/// <param name="MissingMonths">Of this month and the next, those that records have no partition for; null where the table is not partitioned.</param>
/// <param name="Role">The role that asks.</param>
/// <param name="MayInsert">Whether that role may add records.</param>
/// <param name="Grant">The statement with which the tables' owner lets it.</param>
public sealed record ServerState(TimeSpan ClockOffset, IReadOnlyList<DateOnly>? MissingMonths, string Role, bool MayInsert, string Grant)
{
    /// <summary>Whether partitioning an adopted table was broken off; every change is noted until it goes on.</summary>
    public bool IsPartitioningBrokenOff { get; init; }
}
