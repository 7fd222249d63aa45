using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Stores;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Add, "UsageAdjustment", SupportsShouldProcess = true)]
[OutputType(typeof(UsageRecordInfo))]
public sealed class AddUsageAdjustmentCommand : CorrectionCmdlet
{
    // A null in the data is a mistake, not a wish for what the record has. PowerShell brings it back before each input.
    private static readonly object NotGiven = new();

    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    public object? Quantity { get; set; } = NotGiven;

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    public object? UnitCost { get; set; }

    [Parameter(Position = 2)]
    [ValidateNotNullOrEmpty]
    public string Reason { get; set; } = "adjusted";

    /// <inheritdoc/>
    protected override string Action => "put right";

    /// <inheritdoc/>
    protected override string ReasonGiven => Reason;

    /// <inheritdoc/>
    protected override RecordCorrection Correct(RecordCorrection correction) => correction.To(
        hasQuantity: !ReferenceEquals(Unwrap.Base(Quantity), NotGiven), Unwrap.Base(Quantity), Unwrap.Base(UnitCost));
}
