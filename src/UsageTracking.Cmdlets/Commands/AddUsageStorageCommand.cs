using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Add, "UsageStorage")]
[OutputType(typeof(AddedUsageRecord))]
public sealed class AddUsageStorageCommand : AddServiceUsageCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Length")]
    [AllowNull]
    [AllowEmptyString]
    public object? Bytes { get; set; }

    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyString]
    public object? Hours { get; set; } = 1;

    /// <inheritdoc/>
    protected override RecordInput ToRecord() => ServiceEvents.Storage(Unwrap.Base(Bytes), Unwrap.Base(Hours));
}
