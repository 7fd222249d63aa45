# Turns a web server's log into usage: what ./demo.ps1 shows, and a start for logs of your own.

# Lines of Apache's or nginx's combined format become an api record each, and a bandwidth record where a body was sent.
function ConvertFrom-AccessLog {
    [CmdletBinding()]
    param([Parameter(Mandatory, ValueFromPipeline)] [AllowEmptyString()] [string] $Line)

    begin {
        $pattern = [regex]::new('^\S+ \S+ \S+ \[(?<time>[^\]]+)\] "(?<method>\S+) (?<endpoint>\S+)[^"]*" (?<status>\d{3}) (?<bytes>\d+|-)', 'Compiled')
        $invariant = [cultureinfo]::InvariantCulture
    }
    process {
        $match = $pattern.Match($Line)
        if (-not $match.Success) {
            Write-Error -Message "No line of a combined log: $Line" -ErrorId InvalidLogLine -Category InvalidData -TargetObject $Line
            return
        }

        $time = [DateTimeOffset]::ParseExact($match.Groups['time'].Value, 'dd/MMM/yyyy:HH:mm:ss zzz', $invariant)
        [pscustomobject]@{
            Service = 'api'
            Quantity = 1
            Timestamp = $time
            Metadata = @{
                endpoint = $match.Groups['endpoint'].Value
                method = $match.Groups['method'].Value
                status = [int] $match.Groups['status'].Value
            }
        }

        $bytes = $match.Groups['bytes'].Value
        if ($bytes -ne '-') {
            [pscustomobject]@{
                Service = 'bandwidth'
                Quantity = [decimal]::Parse($bytes, $invariant) / 1GB
                Timestamp = $time
                Metadata = @{ bytes = [long] $bytes; direction = 'egress' }
            }
        }
    }
}

# A made-up log of the last days, the same every time but for its dates.
function New-AccessLog {
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'It only writes to the pipeline.')]
    [CmdletBinding()]
    param([int] $Days = 7, [int] $Requests = 20000)

    $random = [System.Random]::new(42)
    $invariant = [cultureinfo]::InvariantCulture
    $paths = '/', '/api/users', '/api/posts', '/api/invoices/2026-01', '/images/logo.png', '/downloads/manual.pdf'
    $time = [DateTimeOffset]::UtcNow.AddDays(-$Days)
    $step = [timespan]::FromDays($Days) / $Requests
    foreach ($i in 1..$Requests) {
        $time += $step
        $path = $paths[$random.Next($paths.Count)]
        $status = $random.Next(20) ? 200 : 404
        $bytes = $random.Next(10) ? $random.Next(200, 200000) : '-'
        '192.0.2.{0} - - [{1}] "GET {2} HTTP/1.1" {3} {4} "-" "curl/8.5.0"' -f
            $random.Next(1, 255), $time.ToString('dd/MMM/yyyy:HH:mm:ss +0000', $invariant), $path, $status, $bytes
    }
}
