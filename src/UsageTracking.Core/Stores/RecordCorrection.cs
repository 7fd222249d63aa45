using System.Buffers;
using System.Text;
using UsageTracking.Metering;

namespace UsageTracking.Stores;

/// <summary>A record to take back; or to replace, where it says what is right.</summary>
public sealed record RecordCorrection
{
    private const int LongestBy = 255;
    private const int LongestReason = 2000;

    /// <summary>The record's id.</summary>
    public required long Id { get; init; }

    /// <summary>The record's time; where it is not known, the store looks through all its records.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>Whose record it is; null where that does not matter.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Who takes it back.</summary>
    public required string By { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>The right quantity; null where it was right.</summary>
    public decimal? Quantity { get; init; }

    /// <summary>The right unit cost; null where it was right.</summary>
    public decimal? UnitCost { get; init; }

    /// <summary>Whether another record takes the place of this one.</summary>
    public bool IsAdjustment => Quantity is not null || UnitCost is not null;

    /// <summary>The same, with what is right.</summary>
    /// <param name="hasQuantity">Whether a quantity was given.</param>
    /// <param name="quantity">The quantity: a number of any type, or invariant text.</param>
    /// <param name="unitCost">The unit cost; null or empty where none was given.</param>
    /// <exception cref="UsageException"><c>InvalidQuantity</c>, <c>InvalidUnitCost</c>, <c>NothingToAdjust</c>.</exception>
    public RecordCorrection To(bool hasQuantity, object? quantity, object? unitCost)
    {
        RecordCorrection adjustment = this with
        {
            Quantity = hasQuantity ? Metering.Quantity.Read(quantity) : null,
            UnitCost = unitCost is null or "" ? null : Metering.Quantity.ReadUnitCost(unitCost),
        };
        return adjustment.IsAdjustment
            ? adjustment
            : throw UsageException.Invalid("NothingToAdjust", "Give -Quantity or -UnitCost, or both. To take a record back altogether, use Undo-UsageRecord.", Id);
    }

    /// <summary>Checks who and why.</summary>
    /// <exception cref="UsageException"><c>InvalidBy</c>, <c>InvalidReason</c>.</exception>
    public RecordCorrection Check()
    {
        Check(By, "InvalidBy", "name of who corrects a record", LongestBy);
        Check(Reason, "InvalidReason", "reason", LongestReason);
        return this;
    }

    private static void Check(string text, string errorId, string what, int longest)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > longest || text.Contains('\0', StringComparison.Ordinal) || !IsUnicode(text))
            throw UsageException.Invalid(errorId, FormattableString.Invariant($"The {what} has 1 to {longest} characters, none of them NUL or half a character."), text);
    }

    private static bool IsUnicode(string text)
    {
        ReadOnlySpan<char> rest = text;
        int read = 0;
        while (!rest.IsEmpty && Rune.DecodeFromUtf16(rest, out _, out read) == OperationStatus.Done)
            rest = rest[read..];

        return rest.IsEmpty;
    }
}

/// <summary>What became of a correction.</summary>
/// <param name="Correction">The correction.</param>
/// <param name="Record">The record that was added: the correction itself, or what is right; null where there is an error.</param>
/// <param name="Error">Why nothing was done.</param>
public sealed record CorrectionOutcome(RecordCorrection Correction, StoredRecord? Record, UsageException? Error);
