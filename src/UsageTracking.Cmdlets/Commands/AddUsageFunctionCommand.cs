using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Add, "UsageFunction")]
[OutputType(typeof(AddedUsageRecord))]
public sealed class AddUsageFunctionCommand : AddServiceUsageCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("FunctionName")]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyString]
    public object? DurationMs { get; set; } = 0;

    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyString]
    public object? MemoryMB { get; set; } = 128;

    /// <inheritdoc/>
    protected override RecordInput ToRecord() => ServiceEvents.Function(Name, Unwrap.Base(DurationMs), Unwrap.Base(MemoryMB));
}
