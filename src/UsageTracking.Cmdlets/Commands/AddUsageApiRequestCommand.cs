using System.Management.Automation;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Add, "UsageApiRequest", DefaultParameterSetName = ValuesSet)]
[OutputType(typeof(AddedUsageRecord))]
public sealed class AddUsageApiRequestCommand : AddServiceUsageCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ValuesSet)]
    [Parameter(Position = 0, ParameterSetName = ObjectSet)]
    [AllowEmptyString]
    public string? Endpoint { get; set; }

    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Method { get; set; } = "GET";

    [Parameter(Position = 2)]
    [AllowNull]
    public object? StatusCode { get; set; } = 200;

    /// <inheritdoc/>
    protected override RecordInput ToEvent() => ServiceEvents.ApiRequest(
        Text(nameof(Endpoint), Endpoint), Text(nameof(Method), Method), Value(nameof(StatusCode), StatusCode));
}
