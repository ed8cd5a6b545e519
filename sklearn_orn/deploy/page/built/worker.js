(()=>{var s=class extends Error{constructor(r,e={}){super(r),this.name="Refusal",this.key=r,this.values=e}};globalThis.Refusal=s;})();
