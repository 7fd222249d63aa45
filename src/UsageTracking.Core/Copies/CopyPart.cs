using UsageTracking.Stores;

namespace UsageTracking.Copies;

/// <summary>What is compared, and copied anew, in one piece.</summary>
/// <param name="Table">A table.</param>
/// <param name="Group">Some of its rows; null for all.</param>
internal sealed record CopyPart(CopyTable Table, CopyGroup? Group)
{
    /// <inheritdoc/>
    public override string ToString() => Group is null ? Table.Name : $"{Table.Name} of '{Group.CustomerId}', {Group.Service}, {Group.Month}";
}
