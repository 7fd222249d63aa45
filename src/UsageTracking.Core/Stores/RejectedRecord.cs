using UsageTracking.Metering;

namespace UsageTracking.Stores;

/// <summary>A record that the store set aside, as it keeps it.</summary>
/// <param name="Id">The store's number for it.</param>
/// <param name="RejectedAt">When it was set aside.</param>
/// <param name="SpoolId">The spool it came from.</param>
/// <param name="Position">Its place in that spool, counted from 1.</param>
/// <param name="ErrorId">The stable id of the reason.</param>
/// <param name="Reason">What was wrong and what would be right.</param>
/// <param name="Record">The record as it was added.</param>
public sealed record RejectedRecord(
    long Id, DateTimeOffset RejectedAt, Guid SpoolId, long Position, string ErrorId, string Reason, UsageRecord Record);
