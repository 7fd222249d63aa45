namespace UsageTracking.Stores;

/// <summary>Takes records back. Nothing is edited or deleted: records with the negative quantity are added.</summary>
public interface ICorrectionStore
{
    /// <summary>
    /// Takes records back, and adds what takes their place, in one transaction. Those for which it cannot be done have an error of
    /// their own, and the others go on: <c>RecordNotFound</c>, <c>AlreadyUndone</c>, <c>RecordIsCorrection</c>, <c>RecordOfReading</c>,
    /// <c>NothingToAdjust</c>, <c>InvalidUnitCost</c>.
    /// </summary>
    /// <returns>What became of each, in their order.</returns>
    Task<IReadOnlyList<CorrectionOutcome>> CorrectAsync(IReadOnlyList<RecordCorrection> corrections, CancellationToken cancel);
}
