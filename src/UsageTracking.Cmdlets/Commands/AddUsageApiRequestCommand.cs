using System.Management.Automation;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Add, "UsageApiRequest")]
[OutputType(typeof(AddedUsageRecord))]
public sealed class AddUsageApiRequestCommand : AddServiceUsageCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    public string Endpoint { get; set; } = "";

    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Method { get; set; } = "GET";

    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true)]
    [ValidateRange(0, 999)]
    public int StatusCode { get; set; } = 200;

    /// <inheritdoc/>
    protected override RecordInput ToRecord() => ServiceEvents.ApiRequest(Endpoint, Method, StatusCode);
}
