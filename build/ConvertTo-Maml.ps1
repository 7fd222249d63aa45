#Requires -Version 7.4
<#
.SYNOPSIS
Writes the help that Get-Help reads from the pages in docs/.

.DESCRIPTION
What a cmdlet takes (types, positions, sets, pipeline input) comes from the built cmdlet, what it means from its
page. Run it in a process of its own: it imports the module.
#>
[CmdletBinding()]
param(
    [string] $ModulePath = "$PSScriptRoot/../module/UsageTracking.psd1",
    [string] $DocsPath = "$PSScriptRoot/../docs",
    [string] $OutputPath = "$PSScriptRoot/../module/en-US"
)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3

$namespaces = @{
    msh     = 'http://msh'
    maml    = 'http://schemas.microsoft.com/maml/2004/10'
    command = 'http://schemas.microsoft.com/maml/dev/command/2004/10'
    dev     = 'http://schemas.microsoft.com/maml/dev/2004/10'
}
$common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
$codeIndent = '    '
$standardText = @{
    WhatIf  = 'Shows what would happen if the cmdlet ran. It does not run.'
    Confirm = 'Asks for confirmation before the cmdlet runs.'
}

#region Reading a page

# Lines under each heading of a level, by heading; what stands before the first is under ''.
function Split-Section([string[]] $Line, [int] $Level) {
    $sections = [ordered]@{ '' = [System.Collections.Generic.List[string]]::new() }
    $heading = ''
    $fenced = $false
    foreach ($text in $Line) {
        if ($text -match '^\s*```') { $fenced = -not $fenced }
        if (-not $fenced -and $text -match "^#{$Level}\s+(.+?)\s*$") {
            $heading = $Matches[1]
            $sections[$heading] = [System.Collections.Generic.List[string]]::new()
        }
        else {
            $sections[$heading].Add($text)
        }
    }
    $sections
}

function Get-Section([System.Collections.IDictionary] $Section, [string] $Name) {
    if ($Section.Contains($Name)) { [string[]] $Section[$Name] } else { , [string[]] @() }
}

# Markdown marks mean nothing in a console. What stands between backticks is left as it is.
function ConvertFrom-Markup([string] $Text) {
    $parts = foreach ($part in [regex]::Split($Text, '(`[^`]+`)')) {
        if ($part -match '^`(.+)`$') { $Matches[1]; continue }
        $part -replace '\[([^\]]+)\]\((https?://[^)]+)\)', '$1 ($2)' `
            -replace '\[([^\]]+)\]\([^)]+\)', '$1' `
            -replace '(?<![\\*\w])(\*{1,2})(?=\S)([^*]+?)(?<=\S)\1(?![*\w])', '$2' `
            -replace '\\([\\`*_{}\[\]<>()#+.!|-])', '$1'
    }
    -join $parts
}

# Paragraphs: wrapped lines become one, lists and tables keep their lines, fenced blocks are indented.
function ConvertTo-Paragraph([string[]] $Line) {
    $paragraph = [System.Text.StringBuilder]::new()
    $fenced = $false
    foreach ($text in $Line + '') {
        if ($text -match '^\s*```') {
            $fenced = -not $fenced
        }
        elseif ($fenced) {
            $null = $paragraph.Append("$codeIndent$text`n")
            continue
        }
        elseif ($text.Trim()) {
            $separator = $paragraph.Length -eq 0 ? '' : $text -match '^\s*([-*|]|\d+\.)\s?' ? "`n" : ' '
            $null = $paragraph.Append($separator + (ConvertFrom-Markup $text.Trim()))
            continue
        }
        if ($paragraph.Length -gt 0) { $paragraph.ToString().TrimEnd() }
        $null = $paragraph.Clear()
    }
}

# Code and output first, as PowerShell's own help shows an example, then what is said about them.
function ConvertTo-Example([string] $Title, [string[]] $Line) {
    $blocks, $remarks = (ConvertTo-Paragraph $Line).Where({ $_.StartsWith($codeIndent) }, 'Split')
    @{ Title = $Title; Code = $blocks -replace "(?m)^$codeIndent" -join "`n`n"; Remarks = $remarks }
}

function Read-Page([string] $Path) {
    $sections = Split-Section (Get-Content -LiteralPath $Path) 2
    $page = @{
        Synopsis    = (ConvertTo-Paragraph (Get-Section $sections 'SYNOPSIS')) -join ' '
        Description = @(ConvertTo-Paragraph (Get-Section $sections 'DESCRIPTION'))
        Notes       = @(ConvertTo-Paragraph (Get-Section $sections 'NOTES'))
        Parameters  = @{}
        Examples    = @()
        Inputs      = [ordered]@{}
        Outputs     = [ordered]@{}
        Links       = [ordered]@{}
    }

    $parts = Split-Section (Get-Section $sections 'PARAMETERS') 3
    foreach ($name in $parts.Keys | Where-Object { $_ }) {
        $page.Parameters[$name.TrimStart('-')] = @(ConvertTo-Paragraph $parts[$name])
    }
    $parts = Split-Section (Get-Section $sections 'EXAMPLES') 3
    $page.Examples = @($parts.Keys | Where-Object { $_ } | ForEach-Object { ConvertTo-Example (ConvertFrom-Markup $_) $parts[$_] })
    foreach ($kind in 'Inputs', 'Outputs') {
        $parts = Split-Section (Get-Section $sections $kind.ToUpperInvariant()) 3
        foreach ($type in $parts.Keys) {
            $text = @(ConvertTo-Paragraph $parts[$type])
            if ($type -or $text) { $page[$kind][(ConvertFrom-Markup $type)] = $text }
        }
    }
    foreach ($text in Get-Section $sections 'RELATED LINKS') {
        if ($text -match '\[(?<text>[^\]]+)\]\((?<uri>[^)]+)\)') {
            $page.Links[$Matches.text] = $Matches.uri.StartsWith('http') ? $Matches.uri : ''
        }
        elseif ($text -match '^\s*[-*]\s+(.+)$') {
            $page.Links[(ConvertFrom-Markup $Matches[1].Trim())] = ''
        }
    }
    $page
}

#endregion

#region Writing MAML

function ConvertTo-Element([string] $Name, [object[]] $Content, [System.Collections.IDictionary] $Attribute = @{}) {
    $prefix, $local = $Name -split ':'
    $element = [System.Xml.Linq.XElement]::new([System.Xml.Linq.XName]::Get($local, $namespaces[$prefix]), $Content)
    foreach ($key in $Attribute.Keys) { $element.SetAttributeValue($key, $Attribute[$key]) }
    $element
}

function ConvertTo-Text([string] $Name, [string[]] $Paragraph) {
    ConvertTo-Element $Name @($Paragraph -replace "(?m)^$codeIndent" | ForEach-Object { ConvertTo-Element maml:para $_ })
}

function Get-TypeName([type] $Type) {
    $inner = [System.Nullable]::GetUnderlyingType($Type)
    if ($inner) { return Get-TypeName $inner }
    if ($Type.IsArray) { return (Get-TypeName $Type.GetElementType()) + '[]' }
    if (-not $Type.IsGenericType) { return $Type.Name }
    $arguments = $Type.GetGenericArguments() | ForEach-Object { Get-TypeName $_ }
    '{0}[{1}]' -f ($Type.Name -replace '`\d+$'), ($arguments -join ', ')
}

function ConvertTo-Parameter([System.Management.Automation.CommandParameterInfo] $Parameter, [string[]] $Text, [switch] $InSyntax) {
    $type = Get-TypeName $Parameter.ParameterType
    $isSwitch = $Parameter.ParameterType -eq [switch]
    $pipeline = @(
        if ($Parameter.ValueFromPipeline) { 'ByValue' }
        if ($Parameter.ValueFromPipelineByPropertyName) { 'ByPropertyName' }
    ) -join ', '
    $attributes = @{
        required       = $Parameter.IsMandatory
        variableLength = $Parameter.ParameterType.IsArray
        globbing       = $Parameter.Attributes.TypeId -contains [SupportsWildcards]
        pipelineInput  = $pipeline ? "True ($pipeline)" : 'False'
        position       = $Parameter.Position -ge 0 ? $Parameter.Position : 'named'
        aliases        = $Parameter.Aliases ? $Parameter.Aliases -join ', ' : 'none'
    }
    ConvertTo-Element command:parameter -Attribute $attributes @(
        ConvertTo-Element maml:name $Parameter.Name
        ConvertTo-Text maml:description $Text
        if (-not $InSyntax) {
            ConvertTo-Element command:parameterValue $type @{ required = -not $isSwitch; variableLength = $false }
        }
        elseif ($Parameter.ParameterType.IsEnum) {
            ConvertTo-Element command:parameterValueGroup @(
                foreach ($value in $Parameter.ParameterType.GetEnumNames()) {
                    ConvertTo-Element command:parameterValue $value @{ required = $false; variableLength = $false }
                })
        }
        elseif (-not $isSwitch) {
            ConvertTo-Element command:parameterValue $type @{ required = $true; variableLength = $false }
        }
        ConvertTo-Element dev:type (ConvertTo-Element maml:name $type)
    )
}

function ConvertTo-TypeList([string] $Outer, [string] $Inner, [System.Collections.IDictionary] $Type) {
    ConvertTo-Element $Outer @(
        foreach ($entry in $Type.GetEnumerator()) {
            ConvertTo-Element $Inner @(
                ConvertTo-Element dev:type (ConvertTo-Element maml:name $entry.Key)
                ConvertTo-Text maml:description $entry.Value
            )
        })
}

function ConvertTo-CommandHelp([System.Management.Automation.CmdletInfo] $Command, [hashtable] $Page, [string] $OnlineUri) {
    $isListed = { $_.Name -notin $common -or $standardText.Contains($_.Name) }
    # As a reader uses them: by position, then the mandatory ones, -WhatIf and -Confirm last.
    $order = { $_.Position -ge 0 ? $_.Position : 1000 }, { -not $_.IsMandatory }, { $standardText.Contains($_.Name) }
    $textOf = { param($Name) $Page.Parameters[$Name] ?? $standardText[$Name] ?? '' }

    ConvertTo-Element command:command @(
        ConvertTo-Element command:details @(
            ConvertTo-Element command:name $Command.Name
            ConvertTo-Element command:verb $Command.Verb
            ConvertTo-Element command:noun $Command.Noun
            ConvertTo-Text maml:description $Page.Synopsis
        )
        ConvertTo-Text maml:description $Page.Description
        ConvertTo-Element command:syntax @(
            foreach ($set in $Command.ParameterSets | Sort-Object -Stable { -not $_.IsDefault }) {
                ConvertTo-Element command:syntaxItem @(
                    ConvertTo-Element maml:name $Command.Name
                    $set.Parameters | Where-Object $isListed | Sort-Object -Stable $order |
                        ForEach-Object { ConvertTo-Parameter $_ (& $textOf $_.Name) -InSyntax }
                )
            })
        ConvertTo-Element command:parameters @(
            # One that is in several sets appears once, as in the first of them.
            $Command.ParameterSets.Parameters | Where-Object $isListed | Group-Object Name |
                ForEach-Object { ConvertTo-Parameter $_.Group[0] (& $textOf $_.Name) })
        ConvertTo-TypeList command:inputTypes command:inputType $Page.Inputs
        ConvertTo-TypeList command:returnValues command:returnValue $Page.Outputs
        ConvertTo-Element maml:alertSet (ConvertTo-Text maml:alert $Page.Notes)
        ConvertTo-Element command:examples @(
            foreach ($example in $Page.Examples) {
                ConvertTo-Element command:example @(
                    ConvertTo-Element maml:title "-------- $($example.Title) --------"
                    ConvertTo-Element dev:code $example.Code
                    # The empty paragraph keeps the next title off the text.
                    ConvertTo-Text dev:remarks ($example.Remarks + '')
                )
            })
        ConvertTo-Element command:relatedLinks @(
            # Get-Help -Online opens the first link that has an address.
            foreach ($link in ([ordered]@{ 'Online version:' = $OnlineUri } + $Page.Links).GetEnumerator()) {
                ConvertTo-Element maml:navigationLink @(
                    ConvertTo-Element maml:linkText $link.Key
                    ConvertTo-Element maml:uri $link.Value
                )
            })
    )
}

#endregion

# About topics are plain text: headings at the margin, the rest indented and wrapped for a console.
function ConvertTo-AboutTopic([string[]] $Line) {
    $body = [System.Collections.Generic.List[string]]::new()
    $fenced = $false
    foreach ($text in $Line + '#') {
        if ($text -match '^\s*```') { $fenced = -not $fenced }
        if ($fenced -or $text -notmatch '^#+\s*(.*)$') { $body.Add($text); continue }

        $heading = ConvertFrom-Markup $Matches[1]
        foreach ($row in ConvertTo-Paragraph $body | ForEach-Object { ($_ -split "`n") + '' }) {
            $wrapped = $row.StartsWith($codeIndent) ? $row : $row -replace '(.{1,76})(\s+|$)', "`$1`n"
            $wrapped.TrimEnd() -split "`n" | ForEach-Object { "    $_".TrimEnd() }
        }
        $body.Clear()
        # Get-Help looks for the headings that PowerShell's own topics have.
        $heading -match '^about_' ? 'TOPIC', "    $heading", '' : $heading
    }
}

$module = Import-Module (Convert-Path $ModulePath) -PassThru
$OutputPath = (New-Item -ItemType Directory -Path $OutputPath -Force).FullName

$commands = foreach ($command in $module.ExportedCmdlets.Values | Sort-Object Name) {
    $path = Join-Path $DocsPath "$($command.Name).md"
    if (-not (Test-Path -LiteralPath $path)) {
        Write-Warning "docs/$($command.Name).md is missing."
        continue
    }
    $page = Read-Page $path

    $own = $command.Parameters.Keys | Where-Object { $_ -notin $common }
    $own | Where-Object { -not $page.Parameters[$_] } |
        ForEach-Object { Write-Warning "docs/$($command.Name).md says nothing about -$_." }
    $page.Parameters.Keys | Where-Object { -not $command.Parameters.ContainsKey($_) } |
        ForEach-Object { Write-Warning "docs/$($command.Name).md describes -$_, which the cmdlet does not have." }
    if (-not $page.Synopsis) { Write-Warning "docs/$($command.Name).md has no SYNOPSIS." }
    if (-not $page.Examples) { Write-Warning "docs/$($command.Name).md has no example." }

    ConvertTo-CommandHelp $command $page "$($module.ProjectUri)/blob/main/docs/$($command.Name).md"
}

# PowerShell looks for the help of a cmdlet under the name of its assembly.
$root = ConvertTo-Element msh:helpItems @($commands) @{ schema = 'maml' }
$root.Save((Join-Path $OutputPath 'UsageTracking.Cmdlets.dll-Help.xml'))

foreach ($page in Get-ChildItem -Path $DocsPath -Filter 'about_*.md') {
    ConvertTo-AboutTopic (Get-Content -LiteralPath $page.FullName) |
        Set-Content -LiteralPath (Join-Path $OutputPath "$($page.BaseName).help.txt")
}
