using System.Management.Automation;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Add, "UsageStorage", DefaultParameterSetName = ValuesSet)]
[OutputType(typeof(AddedUsageRecord))]
public sealed class AddUsageStorageCommand : AddServiceUsageCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ValuesSet)]
    [Parameter(Position = 0, ParameterSetName = ObjectSet)]
    [Alias("Length")]
    [AllowNull]
    [AllowEmptyString]
    public object? Bytes { get; set; }

    [Parameter(Position = 1)]
    [AllowNull]
    public object? Hours { get; set; } = 1;

    /// <inheritdoc/>
    protected override RecordInput ToEvent() => ServiceEvents.Storage(Value(nameof(Bytes), Bytes, "Length"), Value(nameof(Hours), Hours));
}
