using System.Management.Automation;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Add, "UsageFunction", DefaultParameterSetName = ValuesSet)]
[OutputType(typeof(AddedUsageRecord))]
public sealed class AddUsageFunctionCommand : AddServiceUsageCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ValuesSet)]
    [Parameter(Position = 0, ParameterSetName = ObjectSet)]
    [Alias("FunctionName")]
    [AllowEmptyString]
    public string? Name { get; set; }

    [Parameter(Position = 1)]
    [AllowNull]
    public object? DurationMs { get; set; } = 0;

    [Parameter(Position = 2)]
    [AllowNull]
    public object? MemoryMB { get; set; } = 128;

    /// <inheritdoc/>
    protected override RecordInput ToEvent() => ServiceEvents.Function(
        Text(nameof(Name), Name, "FunctionName"), Value(nameof(DurationMs), DurationMs), Value(nameof(MemoryMB), MemoryMB));
}
