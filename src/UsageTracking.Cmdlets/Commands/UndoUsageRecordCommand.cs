using System.Management.Automation;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Stores;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Undo, "UsageRecord", SupportsShouldProcess = true)]
[OutputType(typeof(UsageRecordInfo))]
public sealed class UndoUsageRecordCommand : CorrectionCmdlet
{
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Reason { get; set; } = "taken back";

    /// <inheritdoc/>
    protected override string Action => "take back";

    /// <inheritdoc/>
    protected override string ReasonGiven => Reason;

    /// <inheritdoc/>
    protected override RecordCorrection Correct(RecordCorrection correction) => correction;
}
