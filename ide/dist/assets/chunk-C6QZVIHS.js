import"./chunk-IYWUY3VA.js";var r={},s={};export{s as parsers,r as printers};
